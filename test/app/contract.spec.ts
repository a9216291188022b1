import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  type GraphQLNamedType,
  type GraphQLSchema,
  astFromValue,
  buildSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  print,
} from 'graphql';
import { ERRORS } from '../../src/errors/catalogue.js';
import { loadConfig } from '../../src/config/config.js';
import { createGateway } from '../../src/app/bootstrap.js';

const file = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');

/** Returns one line per type, field, argument, default and enum value, without descriptions. */
function linesOf(schema: GraphQLSchema): string[] {
  return Object.values(schema.getTypeMap())
    .filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type))
    .flatMap(linesOfType)
    .toSorted();
}

function linesOfType(type: GraphQLNamedType): string[] {
  if (isEnumType(type)) return type.getValues().map(({ name }) => `enum ${type.name}.${name}`);
  if (isInputObjectType(type)) {
    return Object.values(type.getFields()).map((field) => `input ${type.name}.${valueLine(field)}`);
  }
  if (isScalarType(type)) return [`scalar ${type.name} ${type.specifiedByURL}`];
  if (!isObjectType(type) && !isInterfaceType(type)) return [`unexpected ${type.name}`];
  const kind = isInterfaceType(type) ? 'interface' : 'type';
  const interfaces = type.getInterfaces().map(({ name }) => `${kind} ${type.name} implements ${name}`);
  const fields = Object.values(type.getFields()).flatMap((field) => [
    `${kind} ${type.name}.${field.name}: ${String(field.type)}`,
    ...field.args.map((argument) => `${kind} ${type.name}.${field.name}(${valueLine(argument)})`),
  ]);
  return [...interfaces, ...fields];
}

type InputValue = Parameters<typeof astFromValue>[1] extends infer T
  ? { readonly name: string; readonly type: T; readonly defaultValue?: unknown }
  : never;

function valueLine({ name, type, defaultValue }: InputValue): string {
  const ast = defaultValue === undefined ? undefined : astFromValue(defaultValue, type);
  return `${name}: ${String(type)}${ast ? ` = ${print(ast)}` : ''}`;
}

let app: NestFastifyApplication;
let routes: string[];

beforeAll(async () => {
  app = await createGateway(loadConfig({ LOG_LEVEL: 'silent', MANAGEMENT_PORT: '0' }));
  routes = [];
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRoute', ({ method, url }) => {
      for (const name of [method].flat()) routes.push(`${name} ${url}`);
    });
  await app.init();
});
afterAll(() => app.close());

describe('schema.gql', () => {
  it('matches the schema that is served', () => {
    expect(linesOf(buildSchema(file('schema.gql')))).toEqual(linesOf(app.get(GraphQLSchemaHost).schema));
  });

  it('contains exactly what the contract promises', () => {
    const promised = linesOf(buildSchema(file('test/support/contract.gql')));
    expect(promised.length).toBeGreaterThan(100);
    expect(linesOf(buildSchema(file('schema.gql')))).toEqual(promised);
  });
});

interface Declared {
  readonly openapi: string;
  readonly paths: Record<string, object>;
  readonly components: { schemas: Record<string, { enum?: string[]; properties?: Record<string, unknown> }> };
}

describe('openapi.json', () => {
  const declared = JSON.parse(file('openapi.json')) as Declared;
  const operations = Object.entries(declared.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );

  it('is OpenAPI 3.1', () => {
    expect(declared.openapi).toMatch(/^3\.1\./);
  });

  it('lists exactly the routes that are served and those of the contract', () => {
    const served = routes
      .filter((route) => route.includes(' /v1/') && !route.startsWith('HEAD '))
      .map((route) => route.replaceAll(/:(\w+)/g, '{$1}'));
    const groups = '/v1/spaces/{custSpaceId}/numbers/{businessNumber}/groups';
    const promised = [
      'GET /v1/viewer',
      'GET /v1/operations',
      'GET /v1/operations/{id}',
      'POST /v1/operations/{id}/close',
      `GET ${groups}`,
      `POST ${groups}`,
      `GET ${groups}/{groupId}`,
      `PATCH ${groups}/{groupId}`,
      `DELETE ${groups}/{groupId}`,
      `POST ${groups}/{groupId}/invite-link`,
      `DELETE ${groups}/{groupId}/invite-link`,
      `GET ${groups}/{groupId}/invite-link/qr.svg`,
      `GET ${groups}/{groupId}/invite-link/qr.png`,
      `GET ${groups}/{groupId}/participants`,
      `POST ${groups}/{groupId}/participants/remove`,
    ].toSorted();
    expect(operations.toSorted()).toEqual(promised);
    expect(served.toSorted()).toEqual(promised);
  });

  it('lists every code of the catalogue', () => {
    expect(declared.components.schemas['ErrorCode']?.enum).toEqual(Object.keys(ERRORS));
  });

  it('uses the field names of GraphQL', () => {
    const graphql = Object.keys(
      (
        app.get(GraphQLSchemaHost).schema.getType('ChatGroup') as {
          getFields: () => object;
        } & GraphQLNamedType
      ).getFields(),
    );
    const rest = Object.keys(declared.components.schemas['ChatGroup']?.properties ?? {});
    // REST lists members at a path of their own, and sends the entity tag as a header.
    const own = graphql.filter((name) => name !== 'participants' && name !== 'etag');
    expect(rest.toSorted()).toEqual(own.toSorted());
  });
});
