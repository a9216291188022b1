import { Marked, Renderer, type Tokens } from 'marked';
import { Html } from './html.js';

/** Returns where a link leads on a served page; `undefined` if its target is not served. */
export type LinkTarget = (href: string) => string | undefined;

/** Renders a document of this repository: its HTML is trusted, so text is escaped but links are not checked. */
export function renderMarkdown(markdown: string, target: LinkTarget): Html {
  const renderer = new PageRenderer(target);
  return new Html(new Marked().parse(markdown, { renderer, async: false }));
}

/** Pages with more sections than this begin with a list of them. */
const MAX_SECTIONS_WITHOUT_CONTENTS = 6;

/** Inserts links to the sections of a rendered document in front of the first one, if there are many. */
export function withContents({ markup }: Html): Html {
  const links = [...markup.matchAll(/<h2 id="[^"]*">(<a .*<\/a>)<\/h2>/g)].map(
    ([, link]) => `<li>${link}</li>`,
  );
  if (links.length <= MAX_SECTIONS_WITHOUT_CONTENTS) return new Html(markup);
  const contents = `<nav class="sections" aria-label="On this page">\n<p>On this page</p>\n<ul>${links.join('')}</ul>\n</nav>\n`;
  const start = markup.indexOf('<h2 ');
  return new Html(markup.slice(0, start) + contents + markup.slice(start));
}

/** Returns the text of the first heading. */
export function titleOf(markdown: string): string {
  return /^# (.+)$/m.exec(markdown)?.[1] ?? '';
}

class PageRenderer extends Renderer {
  readonly #slugs = new Map<string, number>();

  constructor(private readonly target: LinkTarget) {
    super();
  }

  override heading({ depth, text, tokens }: Tokens.Heading): string {
    const content = this.parser.parseInline(tokens);
    if (depth === 1) return `<h1>${content}</h1>\n`;
    const id = this.#uniqueSlug(text);
    return `<h${depth} id="${id}"><a href="#${id}">${content}</a></h${depth}>\n`;
  }

  override link(link: Tokens.Link): string {
    const href = this.target(link.href);
    // A reader without the repository could not follow the link.
    return href === undefined ? this.parser.parseInline(link.tokens) : super.link({ ...link, href });
  }

  /** Focusable, so that the keyboard can scroll what is wider than the screen. */
  override code(code: Tokens.Code): string {
    return super.code(code).replace('<pre>', '<pre tabindex="0">');
  }

  /** Long identifiers, such as error codes, may break after each underscore, so that tables fit a phone. */
  override codespan(code: Tokens.Codespan): string {
    return super.codespan(code).replaceAll('_', '_<wbr>');
  }

  override table(table: Tokens.Table): string {
    return `<div class="table" tabindex="0" role="region" aria-label="Table">${super.table(table)}</div>\n`;
  }

  /** Comments and anchors are for other renderers. */
  override html(): string {
    return '';
  }

  // The same document has the same anchors here and on GitHub.
  #uniqueSlug(heading: string): string {
    const slug = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-');
    const count = this.#slugs.get(slug) ?? 0;
    this.#slugs.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  }
}
