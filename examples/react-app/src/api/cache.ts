import { type FieldPolicy, InMemoryCache, type Reference } from '@apollo/client';
import { relayStylePagination } from '@apollo/client/utilities';

interface GroupEdge {
  readonly node: Reference;
}
interface GroupPages {
  readonly edges: readonly GroupEdge[];
}

/** Creates the cache: one list of groups for each number and filter, made up of the pages loaded so far. */
export function createCache(): InMemoryCache {
  return new InMemoryCache({
    typePolicies: {
      Query: {
        fields: {
          chatGroups: withoutDuplicates(
            relayStylePagination(['custSpaceId', 'businessNumber', 'status', 'subject']),
          ),
        },
      },
      CustSpace: { keyFields: ['custSpaceId'] },
      Viewer: { keyFields: ['tenantId'] },
    },
  });
}

/** Pages may overlap when groups are created or deleted meanwhile: keeps each group once. */
function withoutDuplicates(policy: FieldPolicy): FieldPolicy {
  const { merge } = policy;
  if (typeof merge !== 'function') return policy;
  return {
    ...policy,
    merge(existing, incoming, options) {
      const pages = merge(existing, incoming, options) as GroupPages;
      const seen = new Set<string>();
      const edges = pages.edges.filter(({ node }) => !seen.has(node.__ref) && seen.add(node.__ref));
      return { ...pages, edges };
    },
  };
}
