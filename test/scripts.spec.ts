import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const SCRIPTS = new URL('../scripts', import.meta.url).pathname;

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'gateway-scripts-'));
  write('src/chat-groups/model/group.ts', 'export interface Group {}\n');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(join(root, dirname(path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function run(script: string, ...options: string[]): { status: number | null; output: string } {
  const words = [join(SCRIPTS, script), '--root', root, ...options];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

describe('npm run glossary', () => {
  const [, replaced = ''] = /^ {2}'([\w-]+)': /m.exec(
    readFileSync(join(SCRIPTS, 'glossary-words.mjs'), 'utf8'),
  ) ?? [''];

  it('passes if no replaced name is left', () => {
    expect(run('glossary.mjs')).toMatchObject({ status: 0 });
  });

  it.each([
    ['a replaced file name', `src/${replaced}.ts`, ''],
    ['a replaced export name', 'test/a.ts', `const a = 1;\nexport { a as ${camelCase(replaced)} };\n`],
    ['two types with the same name', 'src/other.ts', 'export class Group {}\n'],
  ])('reports %s', (_, path, text) => {
    write(path, text);
    const { status, output } = run('glossary.mjs');
    expect(status).toBe(1);
    expect(output).toContain(path);
  });
});

describe('npm run phrases', () => {
  it('passes where the English is plain', () => {
    write(
      'docs/a.md',
      'There is no group. It is no longer there. A caller who has one space creates a group.\n',
    );
    expect(run('phrases.mjs')).toMatchObject({ status: 0 });
  });

  it.each([
    ['in documents', 'docs/a.md', 'The outcome is no secret.\n', 'docs/a.md:1'],
    ['in comments, across lines', 'src/a.ts', '\n/**\n * Shows what became\n * of it.\n */\n', 'src/a.ts:3'],
    ['in strings', 'test/a.ts', "it('tells of a create', run);\n", 'test/a.ts:1'],
    ['in the schema', 'schema.gql', '"May be left out by who has one space."\n', 'schema.gql:1'],
  ])('reports phrases %s', (_, path, text, place) => {
    write(path, text);
    const { status, output } = run('phrases.mjs');
    expect(status).toBe(1);
    expect(output).toContain(place);
  });
});

describe('npm run structure', () => {
  const classOf = (parameters: number): string =>
    `@Injectable()\nexport class A { constructor(${Array.from({ length: parameters }, (_, i) => `a${i}: B`).join()}) {} }\n`;

  it('passes within the limits', () => {
    write('src/a.ts', classOf(5));
    expect(run('structure.mjs', '--check')).toMatchObject({ status: 0 });
  });

  it.each([
    ['rooms', Array.from({ length: 8 }, (_, i) => [`src/chat-groups/${i}.ts`, '']), '9  (limit 8)'],
    ['dependencies', [['src/a.ts', classOf(6)]], '6 A'],
    ['lines', [['test/a.ts', '\n'.repeat(301)]], '301 test/a.ts'],
  ] as const)('fails above the limit of %s', (_, files, figure) => {
    for (const [path = '', text = ''] of files) write(path, text);
    const { status, output } = run('structure.mjs', '--check');
    expect(status).toBe(1);
    expect(output).toContain(figure);
  });

  it('counts one arrow per pair of rooms', () => {
    write(
      'src/chat-groups/a.ts',
      "import type { Group } from './model/group.js';\nimport './model/group.js';\n",
    );
    expect(JSON.parse(run('structure.mjs', '--json').output)).toMatchObject({ rooms: 2, arrows: 1 });
  });
});

describe('npm run test:examples', () => {
  const statusesOf = (block: string): unknown => {
    const program = `import { snippetsOf } from '${join(SCRIPTS, 'documentation-snippets.mjs')}';
      console.log(JSON.stringify(snippetsOf(process.argv[1])[0]?.statuses));`;
    const words = ['--input-type=module', '--eval', program, `\`\`\`sh\n${block}\n\`\`\`\n`];
    return JSON.parse(spawnSync(process.execPath, words, { encoding: 'utf8' }).stdout);
  };

  it.each([
    ['success by default', 'curl a\ncurl b', ['2xx', '2xx']],
    ['a status at the end of the line', 'curl a # 404\ncurl b', ['404', '2xx']],
    ['a status on the line before', '# 404\ncurl a\ncurl b', ['404', '2xx']],
    ['a status with a remark', '# 409: the subject is taken\ncurl a', ['409']],
    ['a status of a command of several lines', '# 412\ncurl a \\\n  -d b\ncurl b', ['412', '2xx']],
  ])('expects %s', (_, block, statuses) => {
    expect(statusesOf(block)).toEqual(statuses);
  });
});

function camelCase(word: string): string {
  return word.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
