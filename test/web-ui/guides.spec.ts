import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fastify, { type FastifyInstance } from 'fastify';
import { GUIDES } from '../../src/web-ui/guides.js';
import { renderMarkdown, withContents } from '../../src/web-ui/markdown.js';
import { pages } from '../../src/web-ui/pages.js';
import { Browser } from '../support/browser.js';

const root = new URL('../..', import.meta.url).pathname;
const NAMES = GUIDES.flatMap(({ guides }) => guides.map(({ name }) => name));
const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  ...['docs', 'docs/decisions'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  ),
];

let server: FastifyInstance;
let url: string;
const cwd = process.cwd();

beforeAll(async () => {
  // Deployments do not always start the gateway in its own folder.
  process.chdir(tmpdir());
  server = fastify({ forceCloseConnections: true });
  pages(server, { ide: {} });
  url = await server.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  process.chdir(cwd);
  await server.close();
});

async function load(path: string): Promise<{ status: number; body: string }> {
  const response = await fetch(url + path, { headers: { accept: 'text/html' } });
  return { status: response.status, body: await response.text() };
}

const idsIn = (body: string): string[] => [...body.matchAll(/ id="([^"]+)"/g)].map(([, id = '']) => id);
const linksIn = (body: string): string[] =>
  [...body.matchAll(/ href="([^"]+)"/g)].map(([, href = '']) => href);

describe('the guides', () => {
  it('are all documents', () => {
    const documents = DOCUMENTS.flatMap((path) => /^docs\/([\w-]+)\.md$/.exec(path)?.[1] ?? []);
    expect([...NAMES, 'errors'].toSorted()).toEqual(documents.toSorted());
  });

  it('are all linked from the README', () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    expect(NAMES.filter((name) => !readme.includes(`](docs/${name}.md)`))).toEqual([]);
  });

  it.each(NAMES)(
    '/docs/%s: every link leads to a page of the gateway, and every anchor exists',
    async (name) => {
      const { status, body } = await load(`/docs/${name}`);
      expect(status).toBe(200);
      for (const href of linksIn(body).filter((link) => !link.startsWith('https://'))) {
        const [path = '', anchor] = href.split('#');
        // The gateway serves these two with other modules.
        if (['/openapi.json', '/graphql'].includes(path)) continue;
        const target = path === '' ? { status, body } : await load(path);
        expect([href, target.status]).toEqual([href, 200]);
        if (anchor !== undefined)
          expect([href, idsIn(target.body)]).toEqual([href, expect.arrayContaining([anchor])]);
      }
      expect(new Set(idsIn(body)).size).toBe(idsIn(body).length);
    },
  );

  it('are part of the container image', () => {
    expect(readFileSync(join(root, 'Dockerfile'), 'utf8')).toContain('COPY --from=build /app/docs ./docs');
  });

  it('list each other, and mark the current one', async () => {
    const { body } = await load('/docs/rest');
    for (const name of NAMES) expect(linksIn(body)).toContain(`/docs/${name}`);
    expect(body).toContain('<a href="/docs/rest" aria-current="page">');
  });
});

describe('the documents in the repository', () => {
  const anchorsOf = (path: string): string[] => {
    const markdown = readFileSync(path, 'utf8');
    const named = [...markdown.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id);
    return [...named, ...idsIn(renderMarkdown(markdown, (href) => href).markup)];
  };

  it.each(DOCUMENTS)('%s links only to files and anchors that exist', (path) => {
    const markdown = readFileSync(join(root, path), 'utf8').replace(/```[^]*?```/g, '');
    for (const [, href = ''] of markdown.matchAll(/\]\(([^)]+)\)/g)) {
      if (/^https?:/.test(href)) continue;
      const [file = '', anchor] = href.split('#');
      const target = file === '' ? join(root, path) : join(root, dirname(path), file);
      expect([href, existsSync(target)]).toEqual([href, true]);
      if (anchor !== undefined)
        expect([href, anchorsOf(target)]).toEqual([href, expect.arrayContaining([anchor])]);
    }
  });
});

describe('Markdown', () => {
  const rendered = (markdown: string): string =>
    renderMarkdown(markdown, (href) => (href === 'a.md' ? '/docs/a' : undefined)).markup;

  it('keeps the text of links that lead nowhere on the gateway', () => {
    expect(rendered('[a](a.md), [b](b.md)')).toBe('<p><a href="/docs/a">a</a>, b</p>\n');
  });

  it('escapes text, also in code, and leaves out HTML', () => {
    expect(rendered('a < b `<i>` <!-- c --> <script>d</script>')).not.toMatch(/<(i|script)>|c --/);
  });

  it('begins with links to its sections if there are more than six', () => {
    const sections = (count: number): string =>
      Array.from({ length: count }, (_, index) => `## \`A\` ${index}\n\nText.\n`).join('\n');
    const linksOf = (markdown: string): string[] =>
      linksIn(withContents(renderMarkdown(`# T\n\n${markdown}`, () => undefined)).markup);
    expect(linksOf(sections(6))).toHaveLength(6);
    expect(linksOf(sections(7))).toHaveLength(14);
    expect(linksOf(sections(7)).slice(0, 7)).toEqual(linksOf(sections(7)).slice(7));
  });

  it('gives headings the anchors of GitHub', () => {
    expect(idsIn(rendered('## `/health`, and more\n\n## A b\n\n## A b\n'))).toEqual([
      'health-and-more',
      'a-b',
      'a-b-1',
    ]);
  });
});

describe('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await Browser.start();
  });
  afterAll(() => browser.close());

  it.each(['/', '/docs/errors', ...NAMES.map((name) => `/docs/${name}`)])(
    '%s fits a phone, and breaks no policy',
    async (path) => {
      const tab = await browser.open(url + path);
      await tab.send('Emulation.setDeviceMetricsOverride', {
        width: 390,
        height: 844,
        deviceScaleFactor: 1,
        mobile: true,
      });
      expect(await tab.evaluate('document.documentElement.scrollWidth')).toBe(390);
      expect(tab.problems()).toEqual([]);
    },
  );
});
