// npm run test:examples: runs the snippets of README.md and docs/, then installs every folder in examples/ and
// test/generated-clients/ that has a package.json, and runs its tests. Each page and each folder has a gateway of its own.
// `-- rest-client` runs only the pages and folders whose paths contain that text.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runSnippets, snippetsOf } from './documentation-snippets.mjs';
import { startGateway } from './example-gateway.mjs';

const root = new URL('..', import.meta.url).pathname;

/** Runs npm in a folder and returns whether it succeeded. */
function npm(folder, args, env = {}) {
  const options = { cwd: join(root, folder), stdio: 'inherit', env: { ...process.env, ...env } };
  return spawnSync('npm', args, options).status === 0;
}

async function folderPasses(folder) {
  if (!npm(folder, ['ci'])) return false;
  const gateway = await startGateway();
  try {
    return npm(folder, ['test'], { GATEWAY_URL: gateway.url, SANDBOX_URL: gateway.sandboxUrl });
  } finally {
    gateway.stop();
  }
}

async function pagePasses(page) {
  const snippets = snippetsOf(readFileSync(join(root, page), 'utf8'));
  const gateway = await startGateway();
  try {
    const faults = await runSnippets(snippets, gateway);
    for (const fault of faults) console.log(`${page}, ${fault}`);
    console.log(`${snippets.length} snippets`);
    return faults.length === 0;
  } finally {
    gateway.stop();
  }
}

const words = process.argv.slice(2);
const isWanted = (path) => words.length === 0 || words.some((text) => path.includes(text));
const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => join('docs', name))]
  .filter((path) => path.endsWith('.md'))
  .filter((path) => snippetsOf(readFileSync(join(root, path), 'utf8')).length > 0)
  .filter(isWanted);
const folders = ['examples', 'test/generated-clients']
  .filter((parent) => existsSync(join(root, parent)))
  .flatMap((parent) => readdirSync(join(root, parent)).map((name) => join(parent, name)))
  .filter((folder) => existsSync(join(root, folder, 'package.json')))
  .filter(isWanted);

const examples = [
  ...pages.map((path) => ({ path, passes: pagePasses })),
  ...folders.map((path) => ({ path, passes: folderPasses })),
];
const failed = [];
for (const { path, passes } of examples) {
  console.log(`\n${path}`);
  if (!(await passes(path))) failed.push(path);
}
const passed = examples.length - failed.length;
console.log(
  `\n${passed} of ${examples.length} pages and folders passed${failed.map((path) => `\nfailed: ${path}`).join('')}`,
);
if (failed.length > 0 || examples.length === 0) process.exitCode = 1;
