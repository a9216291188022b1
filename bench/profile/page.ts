import { table } from '../report/table.js';
import { allocationsOf } from './allocation-profile.js';
import { timesOf } from './cpu-profile.js';
import type { Profiles } from './record-profiles.js';
import { functionOf, placeOf, type Share, sharesOf, type Stack } from './shares.js';

/** The remaining functions take too little to matter. */
const MAX_FUNCTIONS = 40;
const MIN_SHARE = 0.001;

/** Where the time and the memory went, as Markdown: by place and by function. `project`: the folder of the project. */
export function profilePage(title: string, { time, allocations }: Profiles, project: string): string {
  const samples = time.profile.samples.length;
  return [
    `# Profile of ${title}`,
    `Time: ${time.requests} requests, ${samples} samples of the main thread. Shares are of all samples; "with calls" overlap.`,
    ...tables(timesOf(time.profile), time.requests, 'µs', project),
    `Allocated on the heap, garbage included: ${allocations.requests} requests.`,
    ...tables(allocationsOf(allocations.profile), allocations.requests, 'bytes', project),
    '',
  ].join('\n\n');
}

function tables(stacks: readonly Stack[], requests: number, unit: string, project: string): string[] {
  const places = sharesOf(stacks, (frame) => placeOf(frame, project));
  const functions = sharesOf(stacks, (frame) => functionOf(frame, project));
  const all = places.reduce((sum, { self }) => sum + self, 0);
  const digits = unit === 'µs' ? 2 : 0;
  const line = ({ name, self, total }: Share): string[] => [
    name,
    ...[self, total].flatMap((amount) => [
      `${((amount / all) * 100).toFixed(1)} %`,
      (amount / requests).toFixed(digits),
    ]),
  ];
  const head = ['self', `${unit} ÷ request`, 'with calls', `${unit} ÷ request`];
  const visible = places.filter(({ total }) => total >= all * MIN_SHARE);
  const sum = { name: 'all', self: all, total: all };
  return [
    table(['place', ...head], [sum, ...visible].map(line), 1),
    table(['function', ...head], functions.slice(0, MAX_FUNCTIONS).map(line), 1),
  ];
}
