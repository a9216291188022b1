/** A GraphQL response may have errors despite its status 200; accepts one that contains `text` and no errors. */
export function hasData(text: string): (body: string) => boolean {
  return (body) => body.includes(text) && !body.includes('"errors"');
}
