import { createHash, randomBytes, randomUUID } from 'node:crypto';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Bytes that look random and are the same in every run, for the seed. */
export function seededBytes(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** An opaque group id. */
export function groupIdFrom(bytes: Buffer = randomBytes(12)): string {
  return bytes.subarray(0, 12).toString('hex').toUpperCase();
}

/** An invite link in the form of WhatsApp. */
export function inviteLinkFrom(bytes: Buffer = randomBytes(22)): string {
  return `https://chat.whatsapp.com/${Array.from(bytes.subarray(0, 22), (byte) => LETTERS[byte % LETTERS.length]).join('')}`;
}

/** What `AddChatGroup` returns in place of a group id. */
export function newUniqueCode(): string {
  return randomBytes(16).toString('hex');
}

/** Not a UUID: the vendor's samples end in the letter O. */
export function newRequestId(): string {
  return `${randomUUID().toUpperCase().slice(0, -1)}O`;
}
