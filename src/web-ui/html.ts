/** Markup that is safe to insert unescaped. Only `html` and `markdown.ts` create it. */
export class Html {
  constructor(readonly markup: string) {}
}

type Interpolation = string | number | Html | readonly Html[];

/** Returns markup with every interpolated text escaped, so that text cannot become markup. */
export function html(parts: TemplateStringsArray, ...values: readonly Interpolation[]): Html {
  return new Html(String.raw({ raw: parts }, ...values.map(toMarkup)));
}

/** Renders prose from the catalogue, in which backticks mark code. */
export function prose(text: string): Html[] {
  return text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}

function toMarkup(value: Interpolation): string {
  if (value instanceof Html) return value.markup;
  if (typeof value === 'object') return value.map(toMarkup).join('');
  return String(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
