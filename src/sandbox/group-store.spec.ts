import { describe, expect, it } from '@jest/globals';
import type { Group } from './group.js';
import { GroupStore } from './group-store.js';

const GROUP: Group = {
  id: 'g',
  custSpaceId: 'space',
  businessNumber: '12345',
  subject: 'old',
  status: 'ACTIVE',
  participants: [],
  removed: [],
  modifiedAt: 0,
  listedAt: 0,
  activeAt: 0,
};

function storeAt(time: { now: number }, lagMs: number): GroupStore {
  return new GroupStore(
    () => time.now,
    () => lagMs,
  );
}

const subjects = (store: GroupStore): string[] =>
  store.listed('space', '12345').map(({ subject }) => subject);

describe('the group store', () => {
  it('lists groups in order of creation, even after later changes', () => {
    const store = storeAt({ now: 0 }, 0);
    for (const id of ['b', 'a', 'c']) store.add({ ...GROUP, id, subject: id });
    store.change('b', { subject: 'B' });
    store.delete('a');
    expect(subjects(store)).toEqual(['B', 'c']);
  });

  it('shows changes in lists only after the lag', () => {
    const time = { now: 1_000 };
    const store = storeAt(time, 100);
    store.add(GROUP, 0);
    store.change('g', { subject: 'new' });
    expect(subjects(store)).toEqual(['old']);
    expect(store.get('g')?.subject).toBe('new');
    time.now = 1_050;
    store.delete('g');
    expect(store.get('g')).toBeUndefined();
    time.now = 1_100;
    expect(subjects(store)).toEqual(['new']);
    time.now = 1_150;
    expect(subjects(store)).toEqual([]);
  });

  it('lists a group that has changed if a lag is set later', () => {
    const lag = { ms: 0 };
    const store = new GroupStore(
      () => 1_000,
      () => lag.ms,
    );
    store.add(GROUP, 0);
    store.change('g', { subject: 'changed before' });
    lag.ms = 100;
    expect(subjects(store)).toEqual(['changed before']);
    store.change('g', { subject: 'changed after' });
    expect(subjects(store)).toEqual(['changed before']);
  });

  it('hides a new group, then lists it as CREATING, then as ACTIVE', () => {
    const time = { now: 0 };
    const store = storeAt(time, 0);
    store.add({ ...GROUP, listedAt: 10, activeAt: 20 });
    expect(store.seen('g')).toBeUndefined();
    time.now = 10;
    expect(store.seen('g')?.status).toBe('CREATING');
    time.now = 20;
    expect(store.seen('g')?.status).toBe('ACTIVE');
  });

  it('keeps numbers apart even if their concatenated names are equal', () => {
    const store = storeAt({ now: 0 }, 0);
    store.add({ ...GROUP, custSpaceId: 'a,1', businessNumber: '2' });
    expect(store.listed('a', '1,2')).toEqual([]);
  });
});
