import type { OpenAPIObject } from '@nestjs/swagger';
import { operationsOf } from './operations-of.js';

/** The parts of a schema that matter here. */
interface Schema {
  readonly $ref?: string;
  example?: unknown;
  examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
}
interface Media {
  required?: boolean;
  schema?: Schema;
  example?: unknown;
  examples?: unknown;
}
interface Body {
  readonly content?: Readonly<Record<string, Media>>;
}

/** Gives every body, and every parameter without one, an example, composed of those in its schema. */
export function addExamples(document: OpenAPIObject): void {
  const schemas = document.components?.schemas as Readonly<Record<string, Schema>>;
  for (const { parameters = [], requestBody, responses } of operationsOf(document)) {
    const bodies = [requestBody, ...Object.values(responses)] as (Body | undefined)[];
    for (const media of bodies.flatMap((body) => Object.values(body?.content ?? {})))
      addExample(media, schemas);
    // The example of a parameter is in its schema, unless that is the name of an enum.
    for (const parameter of parameters as Media[])
      if (parameter.schema?.$ref !== undefined) addExample(parameter, schemas);
      else if (parameter.required !== true) makeIllustrative(parameter.schema);
  }
}

/**
 * Moves the example of an optional parameter to `examples`. Swagger UI sends `example` unless the reader deletes it, and a
 * call with every optional parameter fails: with the entity tag of another group, or with a page as well as a cursor.
 */
function makeIllustrative(schema: Schema | undefined): void {
  if (schema?.example === undefined) return;
  schema.examples = [schema.example];
  delete schema.example;
}

function addExample(target: Media, schemas: Readonly<Record<string, Schema>>): void {
  if (!target.schema || target.example !== undefined || target.examples !== undefined) return;
  target.example = exampleOf(target.schema, schemas);
}

/** Returns `undefined` if a value should be omitted: problems in bodies of success are the exception. */
function exampleOf(schema: Schema, schemas: Readonly<Record<string, Schema>>): unknown {
  if (schema.example !== undefined) return schema.example;
  const [composed] = schema.allOf ?? schema.anyOf ?? [];
  if (composed) return exampleOf(composed, schemas);
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1) ?? '';
    return name === 'ProblemAnswer' ? undefined : exampleOf(schemas[name] ?? {}, schemas);
  }
  if (schema.enum) return schema.enum[0];
  if (schema.items) return [exampleOf(schema.items, schemas)];
  if (!schema.properties) return undefined;
  const fields = Object.entries(schema.properties).map(([name, property]) => [
    name,
    exampleOf(property, schemas),
  ]);
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined)) as object;
}
