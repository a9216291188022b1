import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Before the workers start: where they tell what was asked of GraphQL in this run. */
export default function start() {
  process.env.GRAPHQL_RUN = mkdtempSync(join(tmpdir(), 'graphql-run-'));
}
