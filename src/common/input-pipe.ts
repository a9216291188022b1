import { type ArgumentMetadata, Injectable, type PipeTransform, type Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { type ValidationError, validateSync } from 'class-validator';
import { type Violation, validationFailed } from './errors.js';

const PRIMITIVES = new Set<unknown>([String, Number, Boolean, Array, Object, undefined]);

/**
 * Makes an instance of the declared input class and checks it, whole: every bad field is named, unknown fields are
 * refused. Throws `VALIDATION_FAILED`.
 */
@Injectable()
export class InputPipe implements PipeTransform {
  transform(value: unknown, { metatype, type }: ArgumentMetadata): unknown {
    if (type === 'custom' || PRIMITIVES.has(metatype)) return value;
    return validateInput(metatype as Type<object>, value ?? {});
  }
}

export function validateInput<T extends object>(type: Type<T>, value: unknown): T {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw validationFailed([{ field: 'body', message: 'must be a JSON object' }]);
  }
  const own = ownFields(value);
  const input = plainToInstance(type, own, { exposeUnsetFields: false });
  const errors = validateSync(input, {
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    validationError: { target: false, value: false },
  });
  if (errors.length > 0) throw validationFailed(errors.flatMap((error) => violations(error, '')));
  return withoutNulls(input);
}

// GraphQL hands over objects without prototype; and class-transformer must not see an own `__proto__`.
function ownFields(value: object): Record<string, unknown> {
  const unknown = ['__proto__', 'constructor', 'prototype'].filter((name) => Object.hasOwn(value, name));
  if (unknown.length > 0)
    throw validationFailed(unknown.map((field) => ({ field, message: 'is not a known field' })));
  return { ...value };
}

// An optional field that is null means the same as one left out; fields where it does not have refused it by now.
function withoutNulls<T extends object>(input: T): T {
  for (const [field, value] of Object.entries(input)) if (value === null) delete input[field as keyof T];
  return input;
}

function violations(error: ValidationError, parent: string): Violation[] {
  const field = [parent, error.property].filter((part) => part !== '').join('.');
  const own = Object.entries(error.constraints ?? {}).map(([constraint, message]) => ({
    field,
    message: constraint === 'whitelistValidation' ? 'is not a known field' : message,
  }));
  // One sentence a field is what a form can show; the first constraint is the most basic one.
  return [...own.slice(0, 1), ...(error.children ?? []).flatMap((child) => violations(child, field))];
}
