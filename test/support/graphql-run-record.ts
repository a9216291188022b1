import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metrics } from '../../src/telemetry/metrics.js';
import type { Json } from './gateway.js';

/** Folder of this run, if it is recorded: see `graphql-run-start.mjs`. */
const folder = process.env['GRAPHQL_RUN'];
const seen = new Set<string>();

/** Keeps what was asked, for the list of documents that are answered in each way. */
export function recordDocument(path: string, body: Json): void {
  if (folder === undefined || path !== '/graphql' || typeof body?.query !== 'string') return;
  const { query, operationName, variables } = body;
  if (seen.has(query)) return;
  seen.add(query);
  append({ document: { query, operationName, variables } });
}

/** Keeps how many operations a gateway has executed, and on which path. */
export async function recordOperations({ graphqlOperations }: Metrics): Promise<void> {
  if (folder === undefined) return;
  const { values } = await graphqlOperations.get();
  if (values.length > 0)
    append({ operations: values.map(({ labels, value }) => ({ ...labels, count: value })) });
}

// One file a process: workers write at the same time.
function append(entry: unknown): void {
  if (folder !== undefined)
    appendFileSync(join(folder, `${process.pid}.jsonl`), `${JSON.stringify(entry)}\n`);
}
