/** Whether `Prefer` asks for an asynchronous response. Unknown preferences are ignored. Source: RFC 7240. */
export function prefersAsync(header: string | undefined): boolean {
  if (header === undefined) return false;
  // A quoted value may contain a comma, so it is removed before the list is split.
  const preferences = header.replace(/"(?:[^"\\]|\\.)*"/g, '').split(',');
  return preferences.some((preference) => /^\s*respond-async\s*(;|$)/i.test(preference));
}
