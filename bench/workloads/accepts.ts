/** GraphQL answers 200 whatever happens: this one has data, such as `text`, and no error. */
export function answersWith(text: string): (body: string) => boolean {
  return (body) => body.includes(text) && !body.includes('"errors"');
}
