import { table } from '../report/table.js';
import { type CpuProfile, functionOf, placeOf, type Share, sharesOf } from './shares.js';

/** The remaining functions take too little time to matter. */
const MAX_FUNCTIONS = 40;
const MIN_SHARE = 0.001;

/** Where the time of a profile went, as Markdown: by place and by function. `project`: the folder of the project. */
export function profilePage(title: string, profile: CpuProfile, requests: number, project: string): string {
  const places = sharesOf(profile, (frame) => placeOf(frame, project));
  const functions = sharesOf(profile, (frame) => functionOf(frame, project));
  const all = places.reduce((sum, { selfUs }) => sum + selfUs, 0);
  const line = ({ name, selfUs, totalUs }: Share): string[] => [
    name,
    ...[selfUs, totalUs].flatMap((us) => [`${((us / all) * 100).toFixed(1)} %`, (us / requests).toFixed(2)]),
  ];
  const head = ['self', 'µs ÷ request', 'with calls', 'µs ÷ request'];
  const visible = places.filter(({ totalUs }) => totalUs >= all * MIN_SHARE);
  return [
    `# Profile of ${title}`,
    `${requests} requests, ${profile.samples.length} samples of the main thread. Shares are of all samples; "with calls" overlap.`,
    table(['place', ...head], visible.map(line), 1),
    table(['function', ...head], functions.slice(0, MAX_FUNCTIONS).map(line), 1),
    '',
  ].join('\n\n');
}
