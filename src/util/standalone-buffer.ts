/**
 * Returns the bytes of a text for long-term storage. Node otherwise allocates small buffers from a shared pool, and
 * storing one of them would retain the whole pool.
 */
export function standaloneBuffer(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}

/** Returns the bytes of all parts, and does not retain the memory that they are a part of. */
export function standaloneConcat(parts: readonly Buffer[]): Buffer {
  const bytes = Buffer.allocUnsafeSlow(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
