import { applyDecorators } from '@nestjs/common';
import { Field, type FieldOptions } from '@nestjs/graphql';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';

interface ApiFieldOptions {
  readonly description: string;
  readonly example?: unknown;
  readonly nullable?: boolean;
  /** For GraphQL. `openapi.json` omits it: clients generated from it would make the field required. */
  readonly defaultValue?: unknown;
  /** Values of an enum; `enumName` is its name in `openapi.json`. */
  readonly enum?: Record<string, string>;
  readonly enumName?: string;
  /** Additional JSON schema properties, for `openapi.json` only. */
  readonly schema?: Partial<ApiPropertyOptions>;
}

type TypeThunk = () => unknown;

/** The part of a JSON schema that a validation rule states. */
export interface ApiConstraints {
  /** In code points. */
  readonly minLength?: number;
  /** In code points. */
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  /** For each text of a list. */
  readonly items?: ApiConstraints;
}

/** Adds constraints to the schema of a field. Belongs to the rule that enforces them, so that the two cannot drift. */
export function ApiConstrained({ items, ...constraints }: ApiConstraints): PropertyDecorator {
  // Nest's Swagger adds constraints to the list, not to its items, unless the list is declared as JSON schema.
  const list = items && { type: 'array', isArray: false, items: { type: 'string', ...items } };
  return ApiProperty({ ...constraints, ...list } as ApiPropertyOptions);
}

/**
 * Declares an output field for both GraphQL and REST. REST always includes a nullable field, as `null` if it has no
 * value.
 */
export function ApiOutputField(type: TypeThunk, options: ApiFieldOptions): PropertyDecorator {
  return declare(type, options, true);
}

/** Declares an input field for both GraphQL and REST. Nullable means optional. */
export function ApiInputField(type: TypeThunk, options: ApiFieldOptions): PropertyDecorator {
  return declare(type, options, options.nullable !== true && options.defaultValue === undefined);
}

function declare(type: TypeThunk, options: ApiFieldOptions, required: boolean): PropertyDecorator {
  const { description, example, nullable = false, defaultValue, schema } = options;
  const output = required && nullable;
  const list = type();
  return applyDecorators(
    Field(type as () => typeof String, { description, nullable, defaultValue } as FieldOptions),
    ApiProperty({
      ...(options.enum ? { enum: options.enum, enumName: options.enumName } : { type: swaggerType(list) }),
      ...(Array.isArray(list) && { isArray: true }),
      ...((list as { name?: string }).name === 'DateTime' && { format: 'date-time' }),
      description,
      required,
      ...(output && { nullable: true }),
      ...(example !== undefined && { example }),
      ...schema,
    } as ApiPropertyOptions),
  );
}

// Swagger does not know GraphQL's scalars, so they are mapped to JSON types.
function swaggerType(type: unknown): unknown {
  const item: unknown = Array.isArray(type) ? type[0] : type;
  const name = (item as { name?: string }).name;
  if (name === 'Int') return 'integer';
  if (name === 'ID') return String;
  if (name === 'DateTime') return String;
  return item;
}
