import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from '@jest/globals';
import { GATEWAY_LINE, Program } from './support/program.js';

interface Instruction {
  readonly name: string;
  readonly value: string;
}

/** The instructions of the Dockerfile, with continued lines joined. */
const instructions: readonly Instruction[] = readFileSync('Dockerfile', 'utf8')
  .replace(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => ({ name: line.split(' ')[0] ?? '', value: line.slice(line.indexOf(' ') + 1) }));
const lastStage = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'));
const valuesOf = (name: string, among = instructions): string[] =>
  among.filter((instruction) => instruction.name === name).map(({ value }) => value);

describe('the image', () => {
  it('is based on the exact version of Node that is tested, and can be pinned to a digest', () => {
    const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      devDependencies: Record<string, string>;
    };
    const base = `node:${devDependencies['node']}-bookworm-slim\${NODE_DIGEST}`;
    expect(valuesOf('FROM')).toEqual([`${base} AS build`, base]);
    // A digest in the repository would have to be updated with the tag.
    expect(instructions[0]).toEqual({ name: 'ARG', value: 'NODE_DIGEST=' });
  });

  it('runs as a user that is not root, given as a number', () => {
    const user = valuesOf('USER', lastStage).at(-1) ?? '';
    expect(user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    // Nothing runs as root after it, and no file belongs to that user.
    const after = lastStage.slice(lastStage.findIndex(({ name }) => name === 'USER'));
    expect(after.map(({ name }) => name)).toEqual(['USER', 'EXPOSE', 'HEALTHCHECK', 'CMD']);
    expect(valuesOf('COPY', lastStage).filter((value) => /--chown|--chmod/.test(value))).toEqual([]);
  });

  it('has the rules of production, a health check, and no shell around the gateway', () => {
    expect(valuesOf('ENV', lastStage).join(' ')).toMatch(/\bNODE_ENV=production\b/);
    expect(valuesOf('HEALTHCHECK', lastStage)).toEqual([expect.stringMatching(/CMD \["node",/)]);
    expect(JSON.parse(valuesOf('CMD', lastStage)[0] ?? '')).toEqual([
      'node',
      'scripts/run.mjs',
      'start:prod',
    ]);
  });

  it('installs from the lock file, under the policy of install scripts, and leaves out development dependencies', () => {
    expect(valuesOf('COPY')[0]).toBe('package.json package-lock.json .npmrc ./');
    expect(valuesOf('RUN')).toEqual(['npm ci', 'npm run build && npm prune --omit=dev']);
    // The last stage takes named files only, and gets nothing from the network.
    expect(valuesOf('RUN', lastStage)).toEqual([]);
    expect(valuesOf('ADD')).toEqual([]);
    for (const copy of valuesOf('COPY', lastStage)) expect(copy).toMatch(/^--from=build \/app\/\S+ \.\//);
  });

  it('is built from listed files only, so that no secret gets into a layer', () => {
    const lines = readFileSync('.dockerignore', 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(lines[0]).toBe('*');
    expect(lines.slice(1).filter((line) => !line.startsWith('!'))).toEqual([]);
    const risky = lines.filter((line) => /^!(?:\.|\.env|config|test|\*|node_modules|\.git)\/?$/.test(line));
    expect(risky).toEqual([]);
    // What the last stage copies is there, or is built.
    const files = valuesOf('COPY', lastStage).map((value) => /\/app\/(\S+)/.exec(value)?.[1] ?? '');
    for (const file of files.filter((name) => !['dist', 'node_modules'].includes(name)))
      expect(lines).toContain(`!${file}`);
  });
});

describe('a gateway that may write no file and start no program', () => {
  const program = new Program([process.execPath, '--permission', '--allow-fs-read=*', 'dist/main.js'], {
    PORT: '0',
    MANAGEMENT_PORT: '0',
    SANDBOX_PORT: '0',
  });
  afterAll(() => program.end('SIGTERM'));

  it('works, so its file system can be read-only', async () => {
    const url = await program.said(GATEWAY_LINE);
    const headers = { authorization: `Bearer cgk_acme.${'A'.repeat(43)}` };
    const groups = `${url}/v1/spaces/cams-acme/numbers/8613800000001/groups`;
    const body = JSON.stringify({ subject: 'Read-only' });
    const post = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body };
    const statuses = [
      (await fetch(groups, { headers })).status,
      (await fetch(groups, post)).status,
      (await fetch(`${url}/docs`)).status,
    ];
    expect(statuses).toEqual([200, 201, 200]);
    program.signal('SIGHUP');
    await program.said(/(reloaded|SIGHUP)/i);
    expect(program.output).not.toMatch(/ERR_ACCESS_DENIED|EROFS|EACCES/);
  });
});
