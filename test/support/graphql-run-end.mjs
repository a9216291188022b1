import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';

const LIST = new URL('./suite-documents.json', import.meta.url);
const MIN_SHARE = 0.95;
/** With fewer a share says nothing; a run of everything has many more. */
const MIN_QUERIES = 300;

/** Fails the run if too few queries were executed in compiled form, or if a document is not in the committed list. */
export default async function end({ testPathPatterns, testNamePattern, onlyChanged, shard }) {
  const entries = takeEntries(process.env.GRAPHQL_RUN);
  const whole = testPathPatterns.patterns.length === 0 && !testNamePattern && !onlyChanged && !shard;
  judgeShare(
    entries.flatMap(({ operations = [] }) => operations),
    whole,
  );
  await judgeDocuments(entries.flatMap(({ document }) => document ?? []));
}

function takeEntries(folder) {
  const lines = readdirSync(folder).flatMap((file) =>
    readFileSync(join(folder, file), 'utf8').trim().split('\n'),
  );
  rmSync(folder, { recursive: true });
  return lines.map((line) => JSON.parse(line));
}

function judgeShare(operations, whole) {
  const count = (operation, path) =>
    operations
      .filter((entry) => entry.operation === operation && (path === undefined || entry.path === path))
      .reduce((sum, entry) => sum + entry.count, 0);
  const queries = count('query');
  const share = queries === 0 ? 0 : count('query', 'compiled') / queries;
  const told = `${queries} queries, ${(100 * share).toFixed(1)} % of them compiled; ${count('mutation')} mutations.`;
  if (queries > 0) process.stdout.write(`GraphQL executed ${told}\n`);
  if (queries < MIN_QUERIES ? whole : share < MIN_SHARE) {
    throw new Error(
      `At least ${MIN_QUERIES} queries, and ${100 * MIN_SHARE} % compiled, are wanted: ${told}`,
    );
  }
}

async function judgeDocuments(documents) {
  const list = JSON.parse(readFileSync(LIST, 'utf8'));
  const shapes = new Set(list.map(shapeOf));
  const missing = documents.filter((document) => {
    const shape = shapeOf(document);
    if (shapes.has(shape) || /^\s*mutation\b/.test(document.query)) return false;
    shapes.add(shape);
    return true;
  });
  if (missing.length === 0) return;
  if (process.env.UPDATE_GRAPHQL_DOCUMENTS === undefined) {
    throw new Error(
      `test/support/suite-documents.json lacks ${missing.length} documents, such as ${missing[0].query}. Run again with UPDATE_GRAPHQL_DOCUMENTS=1.`,
    );
  }
  const all = [...list, ...missing].toSorted((a, b) => (a.query < b.query ? -1 : 1));
  const options = await resolveConfig(LIST);
  writeFileSync(LIST, await format(JSON.stringify(all, null, 2), { ...options, parser: 'json' }));
}

/** The document without what differs from run to run. */
function shapeOf({ query }) {
  return query.replaceAll(/"(?:[^"\\]|\\.)*"/g, '"…"').replaceAll(/\d{5,}/g, '…');
}
