/**
 * Returns the bytes of a text for long-term storage. Node otherwise allocates small buffers from a shared pool, and
 * storing one of them would retain the whole pool.
 */
export function standaloneBuffer(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}
