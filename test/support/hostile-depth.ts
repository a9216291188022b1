import { HostileRequest } from './hostile-request.js';

const LEVELS = [9, 100, 480, 5_000];

const nested = (open: string, inner: string, close: string, levels: number): string =>
  open.repeat(levels) + inner + close.repeat(levels);

/** Documents that are nested too deep, in every part of the grammar that can be nested. */
export function deepDocuments(): [string, HostileRequest][] {
  return LEVELS.flatMap((levels): [string, HostileRequest][] => [
    [`${levels} selection sets`, { query: nested('{a', '', '}', levels) }],
    [`${levels} inline fragments`, { query: `{ viewer { ${nested('...{', 'tenantId', '}', levels)} } }` }],
    [
      `${Math.min(levels, 3_000)} inline fragments with types`,
      { query: `{ viewer { ${nested('... on Viewer {', 'tenantId', '}', Math.min(levels, 3_000))} } }` },
    ],
    [`${levels} lists`, { query: `{ chatGroup(id: ${nested('[', '1', ']', levels)}) { id } }` }],
    [
      `${levels} input objects`,
      {
        query: `mutation { deleteChatGroup(input: ${nested('{id:', '1', '}', levels)}) { requestId } }`,
      },
    ],
    [
      `${levels} levels of a variable type`,
      { query: `query ($a: ${nested('[', 'Int', ']', levels)}) { viewer(a: $a) { tenantId } }` },
    ],
    [
      `${levels} levels of a default value`,
      { query: `query ($a: Int = ${nested('[', '1', ']', levels)}) { viewer(a: $a) { tenantId } }` },
    ],
    [
      `${Math.min(levels, 1_000)} fragments that spread the next`,
      {
        query: `{ viewer { ...F0 } } ${Array.from({ length: Math.min(levels, 1_000) }, (_, i) => `fragment F${i} on Viewer { ...F${i + 1} }`).join(' ')} fragment F${Math.min(levels, 1_000)} on Viewer { tenantId }`,
      },
    ],
  ]);
}
