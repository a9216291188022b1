/**
 * The bytes of a text, for keeping: small buffers are otherwise cut out of large ones, which one that is kept keeps
 * whole.
 */
export function standaloneBuffer(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}
