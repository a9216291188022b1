// Lists the files that one request runs through:
// `npm run files-of-a-request [-- --root FOLDER] [--redis URL] [--verbose] [--json]`.
// V8 counts the calls of every function while one request is served; a file counts if one of its functions was called.
// The checkout must be built.
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { startInspectedGateway } from './inspected-gateway.mjs';

/** Not reached yet: small files with one responsibility each conflict with these goals. */
const GOALS = { 'graphql-list': 28, 'rest-create': 48 };
const WARM_UPS = 3;
/** Only files that run in every repeat count, which excludes timers that happen to fire during one of them. */
const REPEATS = 3;
/** The log line and metrics of a request follow its response. */
const AFTER_RESPONSE_MS = 50;
const SETTINGS = {
  // Shortens the quarantine, in which the gateway stores no page in a Redis that has just started.
  CAMS_TIMEOUT_MS: '1000',
  CAMS_LATE_APPLY_MS: '0',
  CACHE_SETTLE_MS: '100',
  // As in production.
  GRAPHQL_IDE: 'off',
};
const CACHED_WITHIN_MS = 10_000;

const NUMBER = '8613800000001';
const GROUPS = `/v1/spaces/cams-acme/numbers/${NUMBER}/groups`;
const DEMO_KEY = `cgk_acme.${'A'.repeat(43)}`;
const QUERY = `{ chatGroups(businessNumber: "${NUMBER}", first: 20) { totalCount nodes { id subject status } } }`;

/** Requests by name; `n` is different for each call. */
const REQUESTS = {
  'graphql-list': (call) => call('POST', '/graphql', { query: QUERY }),
  'rest-list': (call) => call('GET', `${GROUPS}?size=20`),
  'rest-create': (call, n) =>
    call('POST', GROUPS, { subject: `Files ${n}` }, { 'Idempotency-Key': `files-${process.pid}-${n}` }),
};

function client(url) {
  return async (method, path, body, headers = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: {
        Authorization: `Bearer ${DEMO_KEY}`,
        ...(body && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok || text.includes('"errors"'))
      throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return response.headers;
  };
}

/** Resolves once a list is served from the cache. */
async function listIsCached(call) {
  for (const startedAt = Date.now(); ; await delay(100)) {
    const headers = await REQUESTS['rest-list'](call);
    if (/; *hit/.test(headers.get('Cache-Status') ?? '')) return;
    if (Date.now() - startedAt > CACHED_WITHIN_MS) throw new Error('The list is not cached');
  }
}

/** Returns the files under dist, except for the sandbox, with functions that were called since the last measurement. */
async function filesCalled(inspector, dist) {
  const { result } = await inspector.call('Profiler.takePreciseCoverage');
  return new Set(
    result
      .filter(({ url }) => url.startsWith(dist) && !url.startsWith(`${dist}sandbox/`))
      .filter(({ functions }) => functions.some(({ ranges }) => ranges[0].count > 0))
      .map(({ url }) => url.slice(dist.length)),
  );
}

async function measure(call, inspector, dist, send) {
  let n = 0;
  for (; n < WARM_UPS; n += 1) await send(call, n);
  let files;
  for (; n < WARM_UPS + REPEATS; n += 1) {
    await delay(AFTER_RESPONSE_MS);
    await filesCalled(inspector, dist);
    await send(call, n);
    await delay(AFTER_RESPONSE_MS);
    const called = await filesCalled(inspector, dist);
    files = files ? files.intersection(called) : called;
  }
  return [...files].toSorted();
}

const { values } = parseArgs({
  options: {
    root: { type: 'string', default: join(import.meta.dirname, '..') },
    redis: { type: 'string' },
    json: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});
const root = realpathSync(values.root);
const dist = `${pathToFileURL(join(root, 'dist')).href}/`;
const gateway = await startInspectedGateway(root, {
  ...SETTINGS,
  ...(values.redis !== undefined && { REDIS_URL: values.redis }),
});
const measured = {};
try {
  const { url, inspector } = gateway;
  const call = client(url);
  await listIsCached(call);
  await inspector.call('Profiler.enable');
  await inspector.call('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  for (const [name, send] of Object.entries(REQUESTS))
    measured[name] = await measure(call, inspector, dist, send);
} finally {
  await gateway.close();
}

if (values.json) {
  console.log(JSON.stringify(measured, null, 2));
} else {
  for (const [name, files] of Object.entries(measured)) {
    const goal = GOALS[name] === undefined ? '' : `  (goal ${GOALS[name]})`;
    console.log(`${name.padEnd(16)}${String(files.length).padStart(4)}${goal}`);
    if (values.verbose) for (const file of files) console.log(`    ${file}`);
  }
}
