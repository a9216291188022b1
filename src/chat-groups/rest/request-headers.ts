import type { RequestHeader } from '../../openapi/api-responses.js';

const ENTITY_TAG = '"5pM1uyLJ0oYhNWwR8yq0Aw"';

/** The header that all writes accept. */
export const IDEMPOTENCY_KEY: Readonly<Record<'Idempotency-Key', RequestHeader>> = {
  'Idempotency-Key': {
    description:
      'Makes retries safe: the same request with the same key within 24 hours returns the outcome of the first request, with `Idempotency-Replayed: true`. 1–255 visible ASCII characters, without spaces, bare or in quotes. Returns 409 while the first request is in flight, and 422 if the key was used for a different request.',
    schema: { type: 'string', minLength: 1, example: '7d0c8f9e-4c1f-4a55-b0a5-2f2a6f0d9b11' },
  },
};

/** The header by which a client asks not to wait for a created group. */
export const PREFER: Readonly<Record<'Prefer', RequestHeader>> = {
  Prefer: {
    description:
      'With `respond-async`, returns 202 with the operation as soon as CAMS has confirmed the create request, instead of waiting for its group.',
    schema: { type: 'string', example: 'respond-async' },
  },
};

/** The header that makes a write to a group conditional. */
export const IF_MATCH: Readonly<Record<'If-Match', RequestHeader>> = {
  'If-Match': {
    description:
      'Entity tag of the group that the change is based on, a list of them, or `*`. Returns 412 if the group has changed since.',
    schema: { type: 'string', minLength: 1, example: ENTITY_TAG },
  },
};

/** The header that avoids reading again what has not changed. */
export const IF_NONE_MATCH: Readonly<Record<'If-None-Match', RequestHeader>> = {
  'If-None-Match': {
    description: 'Entity tag that you already have. Returns 304 if it still applies.',
    schema: { type: 'string', example: ENTITY_TAG },
  },
};
