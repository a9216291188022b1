import { createHash, randomBytes, randomUUID } from 'node:crypto';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Returns bytes for the seed that look random but are the same in every run. */
export function seededBytes(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Returns an opaque group id. */
export function groupIdFrom(bytes: Buffer = randomBytes(12)): string {
  return bytes.subarray(0, 12).toString('hex').toUpperCase();
}

/** Returns an invite link in WhatsApp's format. */
export function inviteLinkFrom(bytes: Buffer = randomBytes(22)): string {
  return `https://chat.whatsapp.com/${Array.from(bytes.subarray(0, 22), (byte) => LETTERS[byte % LETTERS.length]).join('')}`;
}

/** Returns the code that `AddChatGroup` returns instead of a group id. */
export function newUniqueCode(): string {
  return randomBytes(16).toString('hex');
}

/** Returns a trace id: 32 hexadecimal digits. */
export function newTraceId(): string {
  return randomBytes(16).toString('hex');
}

/** Returns a request id. It is not a UUID: ids in the vendor's samples end in the letter O. */
export function newRequestId(): string {
  return `${randomUUID().toUpperCase().slice(0, -1)}O`;
}
