/**
 * Returns the bytes of a text for long-term storage. Node otherwise allocates small buffers from a shared pool, and
 * storing one of them would retain the whole pool.
 */
export function standaloneBuffer(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}

/** Returns a copy that does not retain the memory that the bytes are a part of. */
export function standaloneCopy(part: Buffer): Buffer {
  const bytes = Buffer.allocUnsafeSlow(part.length);
  bytes.set(part);
  return bytes;
}
