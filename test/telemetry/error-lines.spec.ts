import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

const CALL = /\blog(?:ger)?\.(?:error|fatal)\(\s*(?:\{\s*msg:\s*)?(?:'([^']+)'|`([^`$]+))?/gi;

function filesOf(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending) && !file.endsWith(`.spec${ending}`))
    .map((file) => readFileSync(join(folder, file), 'utf8'));
}

/** The beginning of each message at level `error`, up to its first value. */
const messages = filesOf('src', '.ts').flatMap((text) =>
  [...text.matchAll(CALL)].map(([, quoted, template]) => (quoted ?? template ?? '').replace(/\s+$/, '')),
);

it('every line at level `error` has an entry in the documentation that says what to do', () => {
  const rows = filesOf('docs', '.md').flatMap((text) =>
    text.split('\n').filter((line) => line.startsWith('|')),
  );
  expect(messages.length).toBeGreaterThan(7);
  const missing = messages.filter(
    (message) => message === '' || !rows.some((row) => row.includes(message.split(':', 1)[0] ?? '')),
  );
  expect(missing).toEqual([]);
});
