import { redactName } from './redaction.js';

const MAX_SHOWN_CHARACTERS = 64;
/** Of the name: more would not be shown, whatever is hidden in it. */
const MAX_READ_CHARACTERS = 512;

/** Returns a name that a caller chose, such as that of an unknown field, in a form that can be shown and logged. */
export function shownName(name: string): string {
  // Before it is cut: a part of a secret may not look like one.
  const characters = [...redactName(name, MAX_READ_CHARACTERS).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')];
  const isCut = characters.length > MAX_SHOWN_CHARACTERS;
  return isCut ? `${characters.slice(0, MAX_SHOWN_CHARACTERS).join('')}…` : characters.join('');
}
