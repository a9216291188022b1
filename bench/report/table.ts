/** A Markdown table. The first `texts` columns hold text, the others numbers. */
export function table(head: readonly string[], lines: readonly (readonly string[])[], texts: number): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(head),
    line(head.map((_, column) => (column < texts ? '---' : '--:'))),
    ...lines.map(line),
  ].join('\n');
}
