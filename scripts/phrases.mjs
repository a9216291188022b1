// Finds phrases that are not plain English in everything that people read: `npm run phrases [-- --root FOLDER]`.
// Exits with 1 if there are any.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PHRASES } from './phrases-list.mjs';
import { filesIn, textOf } from './source-files.mjs';

const FOLDERS = ['src', 'test', 'bench', 'scripts', 'docs', 'config'];
const FILES = [
  '.env.example',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'Dockerfile',
  'README.md',
  'docker-compose.yml',
  'openapi.json',
  'package.json',
  'schema.gql',
];
const TEXTS = /\.(?:[jt]s|mjs|md|json|ya?ml|html|css|lua|gql)$/;
/** The lists of what must not be written, and their test. */
const EXEMPT = new Set(['scripts/phrases-list.mjs', 'scripts/glossary-words.mjs', 'test/scripts.spec.ts']);
/** A sentence goes on in the next line, behind the sign of a comment. */
const LINE_BREAK = String.raw`\s+(?:(?:\*|\/\/|#|--)\s+)?`;

const patterns = PHRASES.map(({ phrase, instead }) => ({
  pattern: new RegExp(phrase.source.replaceAll(' ', LINE_BREAK), 'gi'),
  instead,
}));

function findingsIn(root, path) {
  const text = textOf(root, path);
  return patterns.flatMap(({ pattern, instead }) =>
    [...text.matchAll(pattern)].map(({ 0: found, index }) => {
      const line = text.slice(0, index).split('\n').length;
      return `${path}:${line}: ${found.replace(/\s+/g, ' ')} -> ${instead}`;
    }),
  );
}

const { values } = parseArgs({
  options: { root: { type: 'string', default: join(import.meta.dirname, '..') } },
});
const { root } = values;
const files = [
  ...FOLDERS.flatMap((folder) => filesIn(root, folder, TEXTS)),
  ...FILES.filter((file) => existsSync(join(root, file))),
].filter((path) => !EXEMPT.has(path));
const findings = files.flatMap((path) => findingsIn(root, path));

for (const finding of findings) console.log(finding);
console.log(`${findings.length} phrases found in ${files.length} files`);
if (findings.length > 0) process.exitCode = 1;
