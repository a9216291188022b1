/** Returns the names and values of a query in order. Throws `URIError` if it is not percent-encoded UTF-8. */
export function decodeQuery(query: string): [name: string, value: string][] {
  if (query === '') return [];
  return query.split('&').map((pair) => {
    const equals = pair.indexOf('=');
    return equals < 0 ? [decode(pair), ''] : [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))];
  });
}

/** Returns the query in the form in which it is signed: sorted, and encoded as RFC 3986 says. */
export function canonicalQuery(pairs: readonly (readonly [name: string, value: string])[]): string {
  return pairs
    .toSorted(([name, value], [other, otherValue]) => compare(name, other) || compare(value, otherValue))
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&');
}

/** Encodes all but the unreserved characters of RFC 3986, also `!'()*`. */
export function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Compares by code unit, like the SDKs, never by locale. */
function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

function decode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}
