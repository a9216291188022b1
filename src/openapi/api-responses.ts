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
  'X-Request-Id': header('Request ID, as it appears in the logs.'),
  'X-Upstream-Request-Id': header('Request ID assigned by CAMS, if CAMS was called.'),
};
const EVERY_WRITE: AnswerHeaders = {
  Coherence: header('Consistency guarantee for reads that start after the response.', {
    type: 'string',
    enum: ['coherent', 'bounded'],
  }),
  'Idempotency-Replayed': header(
    'Present if this is the outcome of an earlier request with the same idempotency key.',
    {
      type: 'string',
      enum: ['true'],
    },
  ),
};
const EVERY_PROBLEM: AnswerHeaders = {
  'Retry-After': header('Seconds to wait before retrying, if the same request may succeed later.', {
    type: 'integer',
  }),
};

export const ETAG: AnswerHeaders = { ETag: header('Strong entity tag of the representation.') };
export const LOCATION: AnswerHeaders = { Location: header('Path of the created group or operation.') };
export const OF_A_LIST: AnswerHeaders = {
  ...ETAG,
  Link: header('Paths of the first, previous, next and last page.'),
  Age: header('Seconds since CAMS listed the page.', { type: 'integer' }),
  'Cache-Status': header('How the cache handled the request (RFC 9211).'),
};

interface Documented {
  readonly summary: string;
  readonly description?: string;
  /** Responses other than errors, by status. */
  readonly answers: Readonly<Record<number, ApiResponseOptions>>;
  /** Whether it writes to CAMS. */
  readonly writes?: boolean;
  /** Request headers that this call supports, with their descriptions. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Documents a call and its responses in `openapi.json`. All errors share one schema. */
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
        description: 'An error listed at /docs/errors.',
        headers: { ...EVERY_ANSWER, ...EVERY_PROBLEM },
        content: { [PROBLEM_MEDIA_TYPE]: { schema: { $ref: getSchemaPath(ProblemAnswer) } } },
      }),
    ),
  );
}
