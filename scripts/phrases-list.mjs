// Phrases that are not plain English, and what to write instead. Matched without regard to case.

/** Words that stand between "is no" and a noun in good English: "is no longer", "there is no group". */
const NOT_A_DENIAL = String.raw`(?:longer|less|fewer|later|further|matter|more than|larger|older|newer|different|better|worse)\b`;

/** @type {readonly { readonly phrase: RegExp, readonly instead: string }[]} */
export const PHRASES = [
  { phrase: /\bpast (?:Nest|Apollo|the (?:cache|pipeline))\b/, instead: 'bypassing …, without the cache' },
  { phrase: /\b(?:tell|tells|told|telling) of\b/, instead: 'describe, report, show' },
  {
    phrase: new RegExp(
      String.raw`(?<!\b(?:there|if there|where there) )\b(?:is|are|was|were) no (?!${NOT_A_DENIAL})\w`,
    ),
    instead: 'is not a …',
  },
  { phrase: /\banew\b/, instead: 'again' },
  { phrase: /\bmend(?:s|ed|ing)?\b/, instead: 'fix, repair' },
  {
    phrase: /\b(?:what|whatever) (?:became|becomes|has become) of\b/,
    instead: 'the outcome of, the status of',
  },
  {
    phrase:
      /(?<!\b(?:callers?|clients?|tenants?|people|persons?|users?|readers?|members?|partners?) )\bwho (?:has|asks|comes|calls)\b/,
    instead: 'a caller that …',
  },
  { phrase: /\b(?:by|for|from|of|to|with) who\b/, instead: 'a caller that …' },
  {
    phrase: /\ba create\b(?!-| (?:operation|request|response|call|mutation|form)\b)/,
    instead: 'a create operation, a create request',
  },
  { phrase: /\bout of reach\b/, instead: 'unavailable' },
  { phrase: /\bas `?If-None-Match`? has it\b/, instead: 'Not modified.' },
  { phrase: /\bmay be left out\b/, instead: 'optional' },
  { phrase: /\bwithout a thought\b/, instead: 'without calling CAMS' },
];
