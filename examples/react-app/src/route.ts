import { useSyncExternalStore } from 'react';

/** Links of the app. They live after `#`, so any static file server can host it. */
export const links = {
  groups: '#/',
  newGroup: '#/new',
  group: (id: string) => `#/groups/${encodeURIComponent(id)}`,
  operation: (id: string) => `#/operations/${encodeURIComponent(id)}`,
};

export function goTo(link: string): void {
  window.location.hash = link;
}

/** The parts of the current link: `['groups', 'g1']` for `#/groups/g1`. */
export function useRoute(): string[] {
  const hash = useSyncExternalStore(subscribe, () => window.location.hash);
  return hash.split('/').slice(1).filter(Boolean).map(decodeURIComponent);
}

function subscribe(onChange: () => void): () => void {
  window.addEventListener('hashchange', onChange);
  return () => window.removeEventListener('hashchange', onChange);
}
