import 'reflect-metadata';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ConflictException, Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { announceDeprecations, Deprecated } from '../../src/http/deprecated.js';
import { ApiResponses } from '../../src/openapi/api-responses.js';

const DATES = { since: new Date('2027-01-01T00:00:00Z'), sunset: new Date('2027-07-01T00:00:00Z') };
const answers = { 200: { description: 'Done.' } };

@Controller()
class OldController {
  @Get('old')
  @Deprecated(DATES)
  @ApiResponses({ operationId: 'old', summary: 'Old', description: 'Old.', answers })
  old(): string {
    return 'old';
  }

  @Get('failing')
  @Deprecated(DATES)
  failing(): never {
    throw new ConflictException();
  }

  @Get('current')
  @ApiResponses({ operationId: 'current', summary: 'Current', description: 'Current.', answers })
  current(): string {
    return 'current';
  }
}

@Module({ controllers: [OldController] })
class OldModule {}

let app: NestFastifyApplication;
let url: string;

beforeAll(async () => {
  app = await NestFactory.create<NestFastifyApplication>(OldModule, new FastifyAdapter(), { logger: false });
  announceDeprecations(app.getHttpAdapter().getInstance());
  await app.listen({ host: '127.0.0.1', port: 0 });
  url = await app.getUrl();
});
afterAll(() => app.close());

it.each([
  ['old', 200],
  ['failing', 409],
])('a deprecated route says so in every response: /%s', async (path, expected) => {
  const { status, headers } = await fetch(`${url}/${path}`);
  expect(status).toBe(expected);
  expect(headers.get('deprecation')).toBe('@1798761600');
  expect(headers.get('sunset')).toBe('Thu, 01 Jul 2027 00:00:00 GMT');
});

it('other routes have neither header', async () => {
  const { headers } = await fetch(`${url}/current`);
  expect(headers.get('deprecation') ?? headers.get('sunset')).toBeNull();
});

it('a deprecated route is marked in openapi.json, with the rest of its description', () => {
  const { paths } = SwaggerModule.createDocument(app, new DocumentBuilder().build());
  expect(paths['/old']?.get).toMatchObject({ operationId: 'old', summary: 'Old', deprecated: true });
  expect(paths['/current']?.get?.deprecated).toBeUndefined();
});
