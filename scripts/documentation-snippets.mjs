// Finds the shell snippets of a Markdown page that use curl, and runs them as a reader would paste them.
import { spawn } from 'node:child_process';

/** On the line before a block: the block needs something that is not on every machine. */
const NOT_RUN = /^<!-- not run: .+ -->$/;
const CURL = /(?<![\w./-])curl /g;
/** At the end of a command, or on the line before it: the status of its last request. All others succeed. */
const STATUS = /# (\d{3})$/;
const STATUS_OF_NEXT = /^# (\d{3})(?:: .+)?$/;
const CONTINUED = /\\\n/g;
// Reports each request on a descriptor of its own, where it cannot get into the output that snippets process.
const PRELUDE = String.raw`set -euo pipefail
curl() { command curl -sS -w '%{stderr}@status %{http_code}\n' "$@" 2>&3; }
`;

/**
 * Returns the blocks of a page that run: those with curl, and those that only set variables for them.
 * @param {string} markdown
 * @returns {{ line: number, text: string, statuses: string[] }[]}
 */
export function snippetsOf(markdown) {
  const lines = markdown.split('\n');
  const snippets = [];
  for (let start = 0; start < lines.length; start += 1) {
    if (lines[start] !== '```sh') continue;
    const end = lines.indexOf('```', start);
    const block = lines.slice(start + 1, end);
    const isSkipped = NOT_RUN.test(lines.slice(0, start).findLast((line) => line !== '') ?? '');
    const setsVariables = block.every((line) => /^[A-Z_]+=/.test(line));
    const statuses = expectedStatuses(block);
    if (!isSkipped && (statuses.length > 0 || setsVariables))
      snippets.push({ line: start + 2, text: block.join('\n'), statuses });
    start = end;
  }
  return snippets;
}

function expectedStatuses(block) {
  const statuses = [];
  let announced;
  for (const command of block.join('\n').replaceAll(CONTINUED, '').split('\n')) {
    const [, next] = STATUS_OF_NEXT.exec(command) ?? [];
    if (next === undefined) {
      for (const _ of command.matchAll(CURL)) statuses.push('2xx');
      const status = STATUS.exec(command)?.[1] ?? announced;
      if (status !== undefined) statuses[statuses.length - 1] = status;
    }
    announced = next;
  }
  return statuses;
}

/** Readers pause, too. Otherwise, the failing calls of several snippets would stop the calls of their tenant. */
const PAUSE_SECONDS = 2;

/**
 * Runs all snippets of a page in one shell. Returns what differs from the page; nothing if the page is right.
 * @param {ReturnType<typeof snippetsOf>} snippets
 * @param {{ url: string, sandboxUrl: string, managementUrl: string }} gateway
 */
export async function runSnippets(snippets, gateway) {
  const script = snippets
    .map(({ text }, index) => `printf '@snippet ${index}\\n' >&3\n${text}`)
    .join(`\nsleep ${PAUSE_SECONDS}\n`);
  const { code, output } = await bash(PRELUDE + withUrls(script, gateway));
  const found = snippets.map(() => []);
  let current = [];
  for (const [, kind, value] of output.matchAll(/^@(snippet|status) (\d+)$/gm)) {
    if (kind === 'snippet') current = found[Number(value)];
    else current.push(value);
  }
  const faults = snippets.flatMap(({ line, statuses }, index) => {
    const isRight =
      found[index].length === statuses.length && statuses.every((one, at) => matches(one, found[index][at]));
    return isRight
      ? []
      : [`line ${line}: expected ${statuses.join(', ')}, but got ${found[index].join(', ')}`];
  });
  return code === 0 || faults.length > 0 ? faults : [`a snippet failed:\n${output}`];
}

function matches(expected, status) {
  return expected === '2xx' ? status.startsWith('2') : status === expected;
}

function withUrls(text, { url, sandboxUrl, managementUrl }) {
  return text
    .replaceAll('http://127.0.0.1:3000', url)
    .replaceAll('http://127.0.0.1:3001', managementUrl)
    .replaceAll('http://127.0.0.1:3900', sandboxUrl);
}

function bash(script) {
  return new Promise((resolve, reject) => {
    // Snippets may open /dev/stderr, which they could not if it were a socket of Node.
    const child = spawn('bash', ['-c', script], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
    let output = '';
    child.stdio[3].on('data', (bytes) => (output += bytes));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}
