import { describe, expect, it } from '@jest/globals';
import {
  Body,
  Catch,
  Controller,
  Get,
  Headers,
  Param,
  Post,
  Query,
  Res,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
} from '@nestjs/common';
import { IsOptional } from 'class-validator';
import { InputPipe } from '../http/input.pipe.js';
import { type HandlerCall, bindHandler, queryOf, routeOf } from './fast-handlers.js';

class Enhancer {
  canActivate = (): boolean => true;
  transform = (value: unknown): unknown => value;
  intercept = (_: unknown, next: { handle(): never }): never => next.handle();
}

@Catch()
class Filter {
  catch = (): undefined => undefined;
}

class Input {
  @IsOptional()
  name?: string;
}

@Controller('v1/:space')
class Handlers {
  @Get('things')
  plain(
    @Param() path: Input,
    @Query() query: Input,
    @Headers('if-none-match') tag: string | undefined,
    @Res({ passthrough: true }) reply: object,
  ): unknown[] {
    return [path, query, tag, reply];
  }

  @Post()
  create(): void {}

  @UseGuards(Enhancer)
  guarded(): void {}

  @UsePipes(Enhancer)
  piped(): void {}

  @UseInterceptors(Enhancer)
  intercepted(): void {}

  @UseFilters(Filter)
  filtered(): void {}

  @Get()
  parameterPiped(@Query(Enhancer) query: Input): object {
    return query;
  }

  @Get()
  bodied(@Body() body: Input): object {
    return body;
  }

  @Get()
  named(@Query('name') name: string): string {
    return name;
  }
}

@UseGuards(Enhancer)
class GuardedHandlers extends Handlers {}

const bind = (instance: object, name: string) => bindHandler(instance, name, new InputPipe());

describe('a marked handler', () => {
  it('is called with the same parameters that Nest would pass', async () => {
    const reply = {};
    const request = { params: {}, query: {}, headers: { 'if-none-match': '"a"' } };
    const parameters = await bind(new Handlers(), 'plain')({ request, reply } as unknown as HandlerCall);
    expect(parameters).toEqual([expect.any(Input), expect.any(Input), '"a"', reply]);
  });

  it('throws if a parameter is invalid', () => {
    const request = { params: { unknown: 1 }, query: {}, headers: {} };
    const call = () => bind(new Handlers(), 'plain')({ request, reply: {} } as unknown as HandlerCall);
    expect(call).toThrow(expect.objectContaining({ code: 'VALIDATION_FAILED' }));
  });

  it.each(['guarded', 'piped', 'intercepted', 'filtered', 'parameterPiped', 'bodied', 'named'])(
    'prevents startup if Nest would run anything else for it: %s',
    (name) => {
      expect(() => bind(new Handlers(), name)).toThrow(
        `The fast path cannot call Handlers.${name} like Nest does`,
      );
    },
  );

  it('prevents startup if its class has a guard', () => {
    expect(() => bind(new GuardedHandlers(), 'plain')).toThrow('GuardedHandlers.plain');
  });

  it('is found by its route if the method is GET', () => {
    const method = (name: keyof Handlers): object => Reflect.get(Handlers.prototype, name) as object;
    expect(routeOf(Handlers, method('plain'))).toBe('/v1/:space/things');
    expect(routeOf(Handlers, method('create'))).toBeUndefined();
    expect(queryOf(Handlers, method('plain'))).toBeUndefined();
  });
});
