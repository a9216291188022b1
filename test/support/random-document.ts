import {
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  getNamedType,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import {
  type ArgumentPool,
  type RandomVariable,
  randomCondition,
  randomLiteral,
  randomVariable,
} from './random-arguments.js';
import type { RandomChoice } from './random-choice.js';

const MAX_DEPTH = 4;
const INTROSPECTION = [SchemaMetaFieldDef, TypeMetaFieldDef] as const;
const ALIASES = [
  'a',
  'b',
  'a_b',
  'b_a',
  'chatGroup',
  'await',
  'constructor',
  'toString',
  '__proto__',
] as const;
const VARIABLES = [
  'n',
  'input',
  'coerced',
  'errors',
  'literal0',
  'a_b',
  'constructor',
  'v7',
  'v8',
  'v9',
] as const;

/** Generates documents that are nearly always valid for a schema, and their variables. */
export class RandomDocument {
  readonly #fragments = new Map<string, { readonly type: string; readonly text: string }>();
  readonly #variables = new Map<string, RandomVariable>();
  /** The field and arguments of each response name of a type, so that fields with the same name can be merged. */
  readonly #meanings = new Map<string, string>();
  #aliases = 0;
  #directives = 0;

  constructor(
    private readonly choice: RandomChoice,
    private readonly schema: GraphQLSchema,
    private readonly pool: ArgumentPool,
  ) {}

  /** Returns a document with operations of these names. `''`: an unnamed operation. */
  text(names: readonly string[]): string {
    const type = this.schema.getQueryType();
    if (!type) throw new Error('The schema has no queries.');
    const bodies = names.map((name) => ({ name, body: this.#selection(type, 0) }));
    const operations = bodies.map(({ name, body }) => `query ${name}${this.#definitions(body)} ${body}`);
    const used = bodies.map(({ body }) => this.#spread(body)).join(' ');
    const fragments = [...this.#fragments].flatMap(([name, { type, text }]) =>
      used.includes(`...${name} `) ? [`fragment ${name} on ${type} ${text}`] : [],
    );
    return [...operations, ...fragments].join('\n');
  }

  get variables(): Record<string, unknown> {
    const given = [...this.#variables].filter(([, { value }]) => value !== undefined);
    return Object.fromEntries(given.map(([name, { value }]) => [name, value]));
  }

  #selection(type: GraphQLObjectType, depth: number): string {
    return `{ ${this.choice.some(depth > 0 ? 4 : this.choice.of([1, 1, 3]), () => this.#part(type, depth)).join(' ')} }`;
  }

  /** Of an interface, selects fields of one type that implements it. */
  #below(type: GraphQLObjectType | GraphQLInterfaceType, depth: number): string {
    if (isObjectType(type)) return this.#selection(type, depth + 1);
    const [one] = this.schema.getPossibleTypes(type);
    return one ? `{ __typename ...on ${one.name} ${this.#selection(one, depth + 1)} }` : '{ __typename }';
  }

  #part(type: GraphQLObjectType, depth: number): string {
    if (depth < MAX_DEPTH && this.choice.onceIn(7)) return this.#fragment(type, depth);
    if (depth < MAX_DEPTH && this.choice.onceIn(7)) {
      const on = this.choice.of(['', ` on ${type.name}`]);
      return `...${on}${this.#condition()} ${this.#selection(type, depth + 1)}`;
    }
    if (this.choice.onceIn(9)) return `${this.#name(type, '__typename', '')}${this.#condition()}`;
    return this.#field(type, depth);
  }

  /** Spreads an existing fragment or a new one. */
  #fragment(type: GraphQLObjectType, depth: number): string {
    const known = [...this.#fragments].filter(([, fragment]) => fragment.type === type.name);
    const again = known[this.choice.below(known.length + 1)];
    const name = again?.[0] ?? `F${this.#fragments.size}_${depth}`;
    if (!again) {
      const text = this.#selection(type, depth + 1);
      this.#fragments.set(name, { type: type.name, text });
    }
    return `...${name} ${this.#condition()}`;
  }

  #field(type: GraphQLObjectType, depth: number): string {
    const fields = Object.values(type.getFields()).filter(
      ({ type: inner }) => depth < MAX_DEPTH || !isObjectType(getNamedType(inner)),
    );
    const meta = depth === 0 && this.choice.onceIn(8) ? this.choice.of([...INTROSPECTION]) : undefined;
    const field = meta ?? fields[fields.length === 0 ? 0 : this.choice.below(fields.length)];
    if (!field) return '__typename';
    const inner: GraphQLNamedType = getNamedType(field.type);
    const name = this.#name(type, field.name, this.#arguments(field));
    const selection = isObjectType(inner) || isInterfaceType(inner) ? ` ${this.#below(inner, depth)}` : '';
    return `${name}${this.#condition()}${selection}`;
  }

  #arguments({ args }: GraphQLField<unknown, unknown>): string {
    const given = args.filter(
      ({ name }) => name === 'businessNumber' || name === 'id' || name === 'name' || this.choice.onceIn(4),
    );
    if (given.length === 0) return '';
    const texts = given.map((argument) => {
      const variable = this.choice.onceIn(3)
        ? this.#declare(randomVariable(this.choice, this.pool, argument))
        : undefined;
      return `${argument.name}: ${variable ?? randomLiteral(this.choice, this.pool, argument)}`;
    });
    return `(${texts.join(', ')})`;
  }

  /** Returns the field under a response name with no other meaning, or else the field that already has its name. */
  #name(type: GraphQLObjectType, field: string, args: string): string {
    const meaning = `${field}${args}`;
    if (this.#aliases < 15 && this.choice.onceIn(5)) {
      const alias = this.choice.onceIn(40) ? '__proto__' : this.choice.of([...ALIASES]);
      if (this.#means(type, alias, meaning)) {
        this.#aliases += 1;
        return `${alias}: ${meaning}`;
      }
    }
    this.#means(type, field, meaning);
    return this.#meanings.get(`${type.name}.${field}`) ?? meaning;
  }

  #means(type: GraphQLObjectType, name: string, meaning: string): boolean {
    const key = `${type.name}.${name}`;
    const known = this.#meanings.get(key);
    if (known === undefined) this.#meanings.set(key, meaning);
    return (known ?? meaning) === meaning;
  }

  #condition(): string {
    if (this.#directives >= 8 || !this.choice.onceIn(9)) return '';
    return this.choice
      .of([['include'], ['skip'], ['include', 'skip']])
      .map((name) => {
        this.#directives += 1;
        const variable = this.choice.onceIn(2) ? this.#declare(randomCondition(this.choice)) : undefined;
        return ` @${name}(if: ${variable ?? this.choice.of(['true', 'false'])})`;
      })
      .join('');
  }

  /** Declares a variable and returns its name with `$`; `undefined` if no name is left. */
  #declare(variable: RandomVariable): string | undefined {
    const name = VARIABLES[this.#variables.size];
    if (name === undefined) return undefined;
    this.#variables.set(name, variable);
    return `$${name}`;
  }

  /** Returns the text together with the fragments that it spreads. */
  #spread(text: string): string {
    const names = [...text.matchAll(/\.\.\.(F\d+_\d+) /g)].map(([, name = '']) => name);
    return [text, ...names.map((name) => this.#spread(this.#fragments.get(name)?.text ?? ''))].join(' ');
  }

  #definitions(body: string): string {
    const used = new Set([...this.#spread(body).matchAll(/\$(\w+)/g)].map(([, name = '']) => name));
    const definitions = [...used].map((name) => `$${name}: ${this.#variables.get(name)?.definition ?? ''}`);
    return definitions.length === 0 ? '' : `(${definitions.join(', ')})`;
  }
}
