import { describe, expect, it } from '@jest/globals';
import { IsInt, IsOptional, IsString } from 'class-validator';
import { GatewayError } from '../errors/gateway-error.js';
import { InputPipe, Remembered, validateInput } from './input.pipe.js';

@Remembered()
class SampleInput {
  @IsString()
  name!: string;

  @IsOptional()
  @IsInt()
  size?: number;
}

const wrong = (value: unknown): readonly string[] => {
  try {
    validateInput(SampleInput, value);
    return [];
  } catch (error) {
    return (error instanceof GatewayError && error.options.violations?.map(({ field }) => field)) || ['?'];
  }
};

describe('an input', () => {
  it('becomes an instance of its class', () => {
    const input = validateInput(SampleInput, { name: 'x', size: 3 });
    expect(input).toBeInstanceOf(SampleInput);
    expect(input).toEqual({ name: 'x', size: 3 });
  });

  it('may have no prototype, as in GraphQL', () => {
    expect(validateInput(SampleInput, Object.assign(Object.create(null), { name: 'x' }))).toEqual({
      name: 'x',
    });
  });

  it('drops an optional null', () => {
    expect(Object.keys(validateInput(SampleInput, { name: 'x', size: null }))).toEqual(['name']);
  });

  it.each<[unknown, string[]]>([
    [{}, ['name']],
    [{ name: 1, size: 'x' }, ['name', 'size']],
    [{ name: 'x', colour: 1, toString: 2 }, ['colour', 'toString']],
    [{ name: 1, valueOf: 2 }, ['name', 'valueOf']],
    [JSON.parse('{"name":"x","__proto__":{"size":5}}'), ['__proto__']],
    [{ name: 'x', constructor: 1 }, ['constructor']],
    [{ name: 'x', prototype: 1 }, ['prototype']],
    [null, ['body']],
    [[], ['body']],
    ['x', ['body']],
    [5, ['body']],
  ])('is rejected with every invalid field named: %#', (value, fields) => {
    expect(wrong(value)).toEqual(fields);
  });

  it('is rejected without quoting a value', () => {
    expect(() => validateInput(SampleInput, { name: 8613800000001, size: 'secret' })).toThrow(
      /^Invalid: name, size\.$/,
    );
  });
});

describe('the pipe', () => {
  const pipe = new InputPipe();

  it('passes values without an input class through', () => {
    for (const metatype of [String, Number, Boolean, Array, Object, undefined])
      expect(pipe.transform('x', { type: 'body', metatype })).toBe('x');
    expect(pipe.transform({ any: 1 }, { type: 'custom', metatype: SampleInput })).toEqual({ any: 1 });
  });

  it('treats a missing body as an empty object but rejects null', () => {
    const transform = (value: unknown): unknown =>
      pipe.transform(value, { type: 'body', metatype: SampleInput });
    expect(() => transform(undefined)).toThrow('Invalid: name.');
    expect(() => transform(null)).toThrow('Invalid: body.');
  });
});

describe('an input that was already validated', () => {
  const pipe = new InputPipe();
  const checked = (value: unknown): unknown =>
    pipe.transform(value, { type: 'body', metatype: SampleInput, data: undefined });

  it('is not validated again and is frozen', () => {
    const input = checked({ name: 'x', size: 3 });
    expect(checked({ name: 'x', size: 3 })).toBe(input);
    expect(checked({ size: 3, name: 'x' })).toEqual(input);
    expect(Object.isFrozen(input)).toBe(true);
  });

  it.each([{ name: 'x', size: Infinity }, { name: 'x', size: [null] }, { name: 'x', size: '3' }, ['x'], 'x'])(
    'is not mistaken for %j',
    (other) => {
      checked({ name: 'x', size: null });
      checked({ name: 'x', size: 3 });
      expect(() => checked(other)).toThrow(GatewayError);
    },
  );

  it('is found by its URL, but only for its own class', () => {
    @Remembered()
    class Other {
      @IsString()
      name!: string;
    }
    const input = pipe.checked(SampleInput, { name: 'x', size: 3 }, '/x?size=3');
    expect(pipe.checked(SampleInput, { name: 'x', size: 3 }, '/x?size=3')).toBe(input);
    expect(pipe.checked(SampleInput, { name: 'x', size: 4 }, '/x?size=4')).toMatchObject({ size: 4 });
    expect(pipe.checked(Other, { name: 'x' }, '/x?size=3')).toBeInstanceOf(Other);
  });

  it('is validated again if it was rejected at the same URL', () => {
    const refused = () => pipe.checked(SampleInput, { name: 'x', more: 1 }, '/refused');
    expect(refused).toThrow(GatewayError);
    expect(refused).toThrow(GatewayError);
  });

  it('is validated again if it was rejected', () => {
    expect(() => checked({ name: 'y', more: 1 })).toThrow(GatewayError);
    expect(() => checked({ name: 'y', more: 1 })).toThrow(GatewayError);
  });
});
