import type { Course } from './series.js';

const HEAD = ['start', 'end', 'min', 'max', 'per hour', '95 % confidence interval'];
const NAME_WIDTH = 24;
const WIDTH = 11;
const INTERVAL_WIDTH = 26;

/** Lines of a table of what series did in the measured part. */
export function table(name: string, courses: readonly Course[]): string[] {
  return [
    line(name, HEAD),
    ...courses.map(({ title, start, end, min, max, slope, lower, upper }) =>
      line(`  ${title}`, [
        ...[start, end, min, max].map((value) => value.toFixed(1)),
        signed(slope),
        `${signed(lower)} to ${signed(upper)}`,
      ]),
    ),
  ];
}

function line(name: string, cells: readonly string[]): string {
  const padded = cells.map((cell, index) =>
    cell.padStart(index === HEAD.length - 1 ? INTERVAL_WIDTH : WIDTH),
  );
  return `${name.padEnd(NAME_WIDTH)}${padded.join('')}`.trimEnd();
}

function signed(value: number): string {
  return Number.isFinite(value) ? `${value < 0 ? '' : '+'}${value.toFixed(1)}` : 'unknown';
}
