import type { Step } from '../broken-build.js';

export const STEPS: Readonly<Record<string, Step>> = {
  groups: {
    what: 'accept every group ID as one of the number',
    file: 'chat-groups/reads/group-index.js',
    from: /return current\(this\.#scopes\.get\(scope\.key\)\?\.get\(groupId\)\);/,
    to: 'return { pageIndex: undefined, firstSeenAtMs: 0 };',
  },
  numbers: {
    what: 'accept every number as one of the space',
    file: 'tenancy/tenant-scope.js',
    from: /if \(numbers !== null && !numbers\.has\(target\.businessNumber\)\)/,
    to: 'if (false)',
  },
  spaces: {
    what: 'accept every space',
    file: 'tenancy/tenant-scope.js',
    from: /if \(numbers === undefined\) throw notFound\(\);\s+if \(numbers !== null/,
    to: 'if (numbers',
  },
};
