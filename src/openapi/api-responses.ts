import { applyDecorators } from '@nestjs/common';
import {
  ApiExtraModels,
  ApiHeader,
  ApiOperation,
  ApiResponse,
  type ApiResponseOptions,
  getSchemaPath,
} from '@nestjs/swagger';
import { PROBLEM_MEDIA_TYPE } from '../errors/problem-details.js';
import { ProblemAnswer } from './problem-details.js';

type AnswerHeaders = NonNullable<ApiResponseOptions['headers']>;

const header = (
  description: string,
  schema: Record<string, unknown> = { type: 'string' },
): AnswerHeaders[string] => ({
  description,
  schema,
});

const EVERY_ANSWER: AnswerHeaders = {
  'X-Request-Id': header('Id of the request, as logs know it.'),
  'X-Upstream-Request-Id': header('Id of the call at CAMS, where there was one.'),
};
const EVERY_WRITE: AnswerHeaders = {
  Coherence: header('What reads that start later show.', { type: 'string', enum: ['coherent', 'bounded'] }),
  'Idempotency-Replayed': header('The outcome of an earlier request with the same key.', {
    type: 'string',
    enum: ['true'],
  }),
};
const EVERY_PROBLEM: AnswerHeaders = {
  'Retry-After': header('Seconds to wait, where the same request may succeed later.', { type: 'integer' }),
};

export const ETAG: AnswerHeaders = { ETag: header('Strong entity tag of the representation.') };
export const LOCATION: AnswerHeaders = { Location: header('Path of what was made.') };
export const OF_A_LIST: AnswerHeaders = {
  ...ETAG,
  Link: header('Paths of the first, previous, next and last page.'),
  Age: header('Seconds since CAMS listed the page.', { type: 'integer' }),
  'Cache-Status': header('What the cache did, by RFC 9211.'),
};

interface Documented {
  readonly summary: string;
  readonly description?: string;
  /** Status → answer, for everything that is no error. */
  readonly answers: Readonly<Record<number, ApiResponseOptions>>;
  /** Whether it writes to CAMS. */
  readonly writes?: boolean;
  /** Request headers that mean something to this call, with what they mean. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Says in `openapi.json` what a call does and answers; every error has the one shape. */
export function ApiResponses({
  summary,
  description,
  answers,
  writes = false,
  headers = {},
}: Documented): MethodDecorator {
  const told = { ...EVERY_ANSWER, ...(writes && EVERY_WRITE) };
  return applyDecorators(
    ApiOperation({ summary, ...(description !== undefined && { description }) }),
    ApiExtraModels(ProblemAnswer),
    ...Object.entries(headers).map(([name, meaning]) =>
      ApiHeader({ name, description: meaning, required: false }),
    ),
    ...Object.entries(answers).map(([status, answer]) =>
      ApiResponse({ ...answer, headers: { ...told, ...answer.headers }, status: Number(status) }),
    ),
    ...(['4XX', '5XX'] as const).map((status) =>
      ApiResponse({
        status,
        description: 'A problem of the catalogue at /docs/errors.',
        headers: { ...EVERY_ANSWER, ...EVERY_PROBLEM },
        content: { [PROBLEM_MEDIA_TYPE]: { schema: { $ref: getSchemaPath(ProblemAnswer) } } },
      }),
    ),
  );
}
