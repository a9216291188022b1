/** Markup that may enter a page as it is. Made by `html` only. */
export class Html {
  constructor(readonly markup: string) {}
}

type Interpolation = string | number | Html | readonly Html[];

/** Markup in which every interpolated text is escaped, so that no text can become markup. */
export function html(parts: TemplateStringsArray, ...values: readonly Interpolation[]): Html {
  return new Html(String.raw({ raw: parts }, ...values.map(toMarkup)));
}

/** Prose of the catalogue, in which backticks mark code. */
export function prose(text: string): Html[] {
  return text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}

function toMarkup(value: Interpolation): string {
  if (value instanceof Html) return value.markup;
  if (typeof value === 'object') return value.map(toMarkup).join('');
  return String(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
