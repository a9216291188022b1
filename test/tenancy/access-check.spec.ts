import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, type INestApplicationContext, Module, type Type } from '@nestjs/common';
import { DiscoveryModule, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Args, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { AppModule } from '../../src/app/app.module.js';
import { loadConfig } from '../../src/config/config.js';
import { createAdapter } from '../../src/http/adapter.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { TEST_SETTINGS } from '../support/gateway.js';
import { ErrorFilter } from '../../src/errors/error.filter.js';
import { RequestContext } from '../../src/request/request-context.js';
import { AccessCheck } from '../../src/tenancy/access-check.js';
import { RequirePermission } from '../../src/tenancy/caller.js';
import { Caller, CurrentCaller } from '../../src/tenancy/caller.js';

@Controller('open')
class OpenRoutes {
  @Get('permission')
  @RequirePermission('groups:read')
  withoutCaller(): string {
    return 'secret';
  }

  @Get('caller')
  withoutPermission(@CurrentCaller() { principal }: Caller): string {
    return principal.id;
  }

  notAHandler(): void {}
}

@Resolver()
class OpenFields {
  @Query(() => String)
  @RequirePermission('groups:read')
  query(@Args('id', { type: () => String }) id: string): string {
    return id;
  }

  @ResolveField(() => String)
  @RequirePermission('participants:read')
  field(): string {
    return 'secret';
  }
}

@Controller('closed')
class ClosedRoutes {
  @Get()
  @RequirePermission('groups:read')
  both(@CurrentCaller() { principal }: Caller): string {
    return principal.id;
  }
}

let app: INestApplicationContext | undefined;
afterEach(async () => {
  await app?.close();
  app = undefined;
});

function moduleOf(handlers: Type): Type {
  @Module({ imports: [DiscoveryModule], controllers: [handlers], providers: [AccessCheck] })
  class Handlers {}
  return Handlers;
}

async function start(handlers: Type): Promise<void> {
  app = await NestFactory.createApplicationContext(moduleOf(handlers), {
    logger: false,
    abortOnError: false,
  });
}

describe('startup', () => {
  it('fails for a route that declares no permission or does not take the caller', async () => {
    await expect(start(OpenRoutes)).rejects.toThrow(
      'No @CurrentCaller parameter in OpenRoutes.withoutCaller; No permission is declared for OpenRoutes.withoutPermission',
    );
  });

  it('fails for a query or field that does not take the caller', async () => {
    await expect(start(OpenFields)).rejects.toThrow(
      'No @CurrentCaller parameter in OpenFields.query; No @CurrentCaller parameter in OpenFields.field',
    );
  });

  it('fails for the gateway itself, before it listens', async () => {
    const config = loadConfig(TEST_SETTINGS);
    @Module({ controllers: [OpenRoutes] })
    class OpenModule {}
    @Module({ imports: [AppModule.with(config, createLogger(config)), OpenModule] })
    class GatewayWithOpenRoutes {}
    const gateway = await NestFactory.create<NestFastifyApplication>(
      GatewayWithOpenRoutes,
      createAdapter(config),
      { logger: false, abortOnError: false, bodyParser: false },
    );
    app = gateway;
    await expect(gateway.listen(0, '127.0.0.1')).rejects.toThrow(
      'No permission is declared for OpenRoutes.withoutPermission',
    );
    expect(gateway.getHttpServer().listening).toBe(false);
  });

  it('succeeds with a handler that does both', async () => {
    await expect(start(ClosedRoutes)).resolves.toBeUndefined();
  });
});

it('never runs a handler for a request whose credentials were not verified', async () => {
  const server = await NestFactory.create<NestFastifyApplication>(
    moduleOf(ClosedRoutes),
    new FastifyAdapter(),
    { logger: false },
  );
  app = server;
  server.useGlobalFilters(new ErrorFilter());
  const fastify = server.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', (request, _reply, done) => {
    request.gateway = new RequestContext(request.id, 1_000);
    done();
  });
  await server.init();
  await fastify.ready();
  const { statusCode, body } = await fastify.inject('/closed');
  expect(statusCode).toBe(401);
  expect(JSON.parse(body)).toMatchObject({ code: 'UNAUTHENTICATED' });
});
