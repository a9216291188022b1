import type { ChatGroupStatus } from '../gql/graphql.ts';

const TONES: Partial<Record<ChatGroupStatus, string>> = {
  ACTIVE: 'good',
  SUSPENDED: 'bad',
  CREATING: 'busy',
  UPDATING: 'busy',
  DELETING: 'busy',
};

/** Statuses that a list can be filtered by, with their names. */
export const STATUS_NAMES = {
  ACTIVE: 'Active',
  INACTIVE: 'Inactive',
  SUSPENDED: 'Suspended',
  CREATING: 'Creating',
  UPDATING: 'Updating',
  DELETING: 'Deleting',
} as const satisfies Partial<Record<ChatGroupStatus, string>>;

export type FilterStatus = keyof typeof STATUS_NAMES;

export function Status({ status }: { readonly status: ChatGroupStatus }) {
  return (
    <span className={`status status-${TONES[status] ?? 'plain'}`}>
      {status === 'UNKNOWN' ? 'Unknown' : STATUS_NAMES[status]}
    </span>
  );
}
