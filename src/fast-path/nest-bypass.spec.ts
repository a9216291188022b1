import { describe, expect, it } from '@jest/globals';
import {
  Body,
  Catch,
  Controller,
  Get,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
} from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { assertKnownEnhancers, assertPlainHandler } from './nest-bypass.js';

class Enhancer {
  canActivate = (): boolean => true;
  transform = (value: unknown): unknown => value;
  intercept = (_: unknown, next: { handle(): never }): never => next.handle();
}

@Catch()
class Filter {
  catch = (): undefined => undefined;
}

@Controller()
class Handlers {
  @Get()
  plain(@Body() body: object): object {
    return body;
  }

  @UseGuards(Enhancer)
  guarded(): void {}

  @UsePipes(Enhancer)
  piped(): void {}

  @UseInterceptors(Enhancer)
  intercepted(): void {}

  @UseFilters(Filter)
  filtered(): void {}

  @Get()
  parameterPiped(@Body(Enhancer) body: object): object {
    return body;
  }
}

@UseGuards(Enhancer)
class GuardedHandlers extends Handlers {}

describe('what is called past Nest', () => {
  it('is a handler for which Nest would call nothing of its own', () => {
    expect(() => assertPlainHandler(new Handlers(), 'plain')).not.toThrow();
  });

  it.each(['guarded', 'piped', 'intercepted', 'filtered', 'parameterPiped'])('is none that is %s', (name) => {
    expect(() => assertPlainHandler(new Handlers(), name)).toThrow(`Handlers.${name} is called past Nest`);
  });

  it('is none of a class that is guarded', () => {
    expect(() => assertPlainHandler(new GuardedHandlers(), 'plain')).toThrow('GuardedHandlers.plain');
  });

  it.each<[string, (nest: ApplicationConfig) => void]>([
    ['guard', (nest) => nest.addGlobalGuard(new Enhancer())],
    ['pipe', (nest) => nest.addGlobalPipe(new Enhancer())],
    ['interceptor', (nest) => nest.addGlobalInterceptor(new Enhancer())],
    ['filter', (nest) => nest.addGlobalFilter(new Filter())],
  ])('misses no %s for all handlers that is not known', (_, add) => {
    const nest = new ApplicationConfig();
    add(nest);
    expect(() => assertKnownEnhancers([Enhancer, Filter], nest)).not.toThrow();
    expect(() => assertKnownEnhancers([], nest)).toThrow(/which would miss (Enhancer|Filter)$/);
  });
});
