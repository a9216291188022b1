import { applyDecorators } from '@nestjs/common';
import {
  ApiExtraModels,
  ApiHeader,
  ApiOperation,
  ApiResponse,
  type ApiResponseOptions,
  getSchemaPath,
} from '@nestjs/swagger';
import { PROBLEM_MEDIA_TYPE } from './error-rendering.js';
import { ProblemAnswer } from './problem-answer.js';

interface Documented {
  readonly summary: string;
  readonly description?: string;
  /** Status → answer, for everything that is no error. */
  readonly answers: Readonly<Record<number, ApiResponseOptions>>;
  /** Request headers that mean something to this call, with what they mean. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Says in `openapi.json` what a call does and answers; every error has the one shape. */
export function ApiAnswers({ summary, description, answers, headers = {} }: Documented): MethodDecorator {
  return applyDecorators(
    ApiOperation({ summary, ...(description !== undefined && { description }) }),
    ApiExtraModels(ProblemAnswer),
    ...Object.entries(headers).map(([name, meaning]) =>
      ApiHeader({ name, description: meaning, required: false }),
    ),
    ...Object.entries(answers).map(([status, answer]) => ApiResponse({ ...answer, status: Number(status) })),
    ...(['4XX', '5XX'] as const).map((status) =>
      ApiResponse({
        status,
        description: 'A problem of the catalogue at /docs/errors.',
        content: { [PROBLEM_MEDIA_TYPE]: { schema: { $ref: getSchemaPath(ProblemAnswer) } } },
      }),
    ),
  );
}
