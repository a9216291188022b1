import { applyDecorators } from '@nestjs/common';
import { Field, type FieldOptions } from '@nestjs/graphql';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';

interface ApiFieldOptions {
  readonly description: string;
  readonly example?: unknown;
  readonly nullable?: boolean;
  readonly defaultValue?: unknown;
  /** Name of an enum in `openapi.json`, beside its values. */
  readonly enum?: Record<string, string>;
  readonly enumName?: string;
  /** More of the JSON schema, for `openapi.json` only. */
  readonly schema?: Partial<ApiPropertyOptions>;
}

type TypeThunk = () => unknown;

/**
 * One declaration of an output field for GraphQL and REST. A nullable field is always present in REST, as `null`
 * where it has no value.
 */
export function ApiOutputField(type: TypeThunk, options: ApiFieldOptions): PropertyDecorator {
  return declare(type, options, true);
}

/** One declaration of an input field for GraphQL and REST; nullable here means that it may be left out. */
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
      description,
      required,
      ...(output && { nullable: true }),
      ...(example !== undefined && { example }),
      ...(defaultValue !== undefined && { default: defaultValue }),
      ...schema,
    } as ApiPropertyOptions),
  );
}

// GraphQL's scalars have no meaning for Swagger: their JSON types do.
function swaggerType(type: unknown): unknown {
  const item: unknown = Array.isArray(type) ? type[0] : type;
  const name = (item as { name?: string }).name;
  if (name === 'Int') return 'integer';
  if (name === 'ID') return String;
  return item;
}
