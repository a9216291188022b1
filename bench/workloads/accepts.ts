/** Returns whether a body is compressed with gzip. The load generator decodes bodies as UTF-8, which mangles it. */
export function isGzip(body: string): boolean {
  return body.startsWith('\u001f\ufffd');
}

/** A GraphQL response may have errors despite its status 200; accepts one that contains `text` and no errors. */
export function hasData(text: string): (body: string) => boolean {
  return (body) => body.includes(text) && !body.includes('"errors"');
}
