import { type Type, applyDecorators } from '@nestjs/common';
import {
  ApiExtraModels,
  ApiHeader,
  type ApiHeaderOptions,
  ApiOperation,
  ApiResponse,
  type ApiResponseSchemaHost,
} from '@nestjs/swagger';
import { type ErrorResponseName, errorsOf } from './error-responses.js';
import { ProblemAnswer } from './problem-details.js';
import { OF_EVERY_CALLER, type ResponseHeader, headersOf } from './response-headers.js';

/** A response other than an error. */
interface Answer {
  readonly description: string;
  /** Class of a JSON body. */
  readonly type?: Type;
  /** Bodies of other media types. */
  readonly content?: NonNullable<ApiResponseSchemaHost['content']>;
  readonly headers?: readonly ResponseHeader[];
}

/** A request header, with what it means. */
export type RequestHeader = Pick<ApiHeaderOptions, 'description' | 'schema'>;

interface Documented {
  /** Names the call in generated clients, so it must not change. */
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  /** Responses other than errors, by status. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** Whether it writes to CAMS. */
  readonly writes?: boolean;
  /** Whether it needs neither CAMS nor a store, nor a permission. */
  readonly local?: boolean;
  /** Request headers that this call supports. */
  readonly headers?: Readonly<Record<string, RequestHeader>>;
  /** Errors that not every read or write can end with. */
  readonly errors?: readonly ErrorResponseName[];
}

/** Documents a call in `openapi.json`: its name, its request headers and every response, errors included. */
export function ApiResponses({
  operationId,
  summary,
  description,
  answers,
  writes = false,
  local = false,
  headers = {},
  errors = [],
}: Documented): MethodDecorator {
  const everywhere: readonly ResponseHeader[] = [
    ...OF_EVERY_CALLER,
    ...(local ? [] : (['X-Upstream-Request-Id'] as const)),
    ...(writes ? (['Coherence', 'Idempotency-Replayed'] as const) : (['Cache-Control'] as const)),
  ];
  const failures = errorsOf({ writes, local, conditional: 'If-Match' in headers, others: errors });
  return applyDecorators(
    ApiOperation({ operationId, summary, description }),
    ApiExtraModels(ProblemAnswer),
    ...Object.entries(headers).map(([name, header]) => ApiHeader({ ...header, name, required: false })),
    ...Object.entries(answers).map(([status, answer]) =>
      ApiResponse({
        ...answer,
        status: Number(status),
        headers: headersOf([...everywhere, ...(answer.headers ?? [])]),
      }),
    ),
    ...Object.entries(failures).map(([status, reference]) =>
      ApiResponse({ ...reference, status: Number(status) }),
    ),
  );
}
