import { readFileSync } from 'node:fs';
import {
  buildSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
} from 'graphql';
import { onceIn } from '../../chance.js';
import type { Random } from '../../coherence/random.js';
import { graphqlValue, INHERITED_NAMES } from './values.js';
import type { TenantValues } from './known-values.js';

export const SCHEMA = buildSchema(readFileSync(new URL('../../../../schema.gql', import.meta.url), 'utf8'));
const MAX_DEPTH = 5;
const RARE_FIELD = /^(delete|close)/;

/** A document, its variables, and the root fields it asks for. */
export interface GraphqlDraft {
  readonly kind: 'query' | 'mutation';
  readonly name: string;
  readonly query: string;
  readonly variables: Record<string, unknown>;
  readonly fields: readonly string[];
}

/** Generates mostly valid operations for the fields and arguments of `schema.gql`. */
export class DocumentGenerator {
  readonly #definitions = new Map<string, string>();
  readonly #variables: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  readonly #fragments: string[] = [];

  private constructor(
    private readonly random: Random,
    private readonly whose: TenantValues,
  ) {}

  static draft(random: Random, whose: TenantValues): GraphqlDraft {
    return new DocumentGenerator(random, whose).#draft();
  }

  #draft(): GraphqlDraft {
    const { random } = this;
    const kind = onceIn(random, 4) ? 'mutation' : 'query';
    const type = kind === 'mutation' ? SCHEMA.getMutationType() : SCHEMA.getQueryType();
    if (!type) throw new Error(`The schema has no ${kind}.`);
    const count = onceIn(random, 5) ? random.between(1, 3) : 1;
    const fields = Array.from({ length: count }, () => this.#rootField(type));
    const selections = fields.map(
      (field, index) => `${index === 0 ? '' : `f${index}: `}${this.#field(field, 1)}`,
    );
    const name = random.pick([
      '',
      '',
      'List',
      'Q',
      random.pick(INHERITED_NAMES),
      `N${random.pick(this.whose.tenant.businessNumbers)}`,
    ]);
    const definitions = [...this.#definitions].map(([variable, definition]) => `$${variable}: ${definition}`);
    const head = `${kind} ${name}${definitions.length === 0 ? '' : `(${definitions.join(', ')})`}`;
    return {
      kind,
      name,
      query: [`${head} { ${selections.join(' ')} }`, ...this.#fragments].join('\n'),
      variables: this.#variables,
      fields: fields.map((field) => field.name),
    };
  }

  #rootField(type: GraphQLObjectType): GraphQLField<unknown, unknown> {
    const field = this.random.pick(Object.values(type.getFields()));
    return RARE_FIELD.test(field.name) && !onceIn(this.random, 3) ? this.#rootField(type) : field;
  }

  #field(field: GraphQLField<unknown, unknown>, depth: number): string {
    const given = field.args.filter(({ type }) => isNonNullType(type) || onceIn(this.random, 3));
    const args = given.map((argument) => `${argument.name}: ${this.#argument(argument.name, argument.type)}`);
    const type = getNamedType(field.type);
    const inner = isObjectType(type)
      ? ` ${this.#selection(type, depth)}`
      : isInterfaceType(type)
        ? ` { __typename id ... on ${SCHEMA.getPossibleTypes(type)[0]?.name} { id } }`
        : '';
    return `${field.name}${args.length === 0 ? '' : `(${args.join(', ')})`}${this.#directive()}${inner}`;
  }

  #selection(type: GraphQLObjectType, depth: number): string {
    const { random } = this;
    const fields = Object.values(type.getFields()).filter(
      (field) => depth < MAX_DEPTH || !isObjectType(getNamedType(field.type)),
    );
    if (fields.length === 0) return '{ __typename }';
    const parts = Array.from({ length: random.between(1, 5) }, (_, index) => {
      // An alias, so that fields with different arguments do not conflict.
      const alias = onceIn(random, 10) ? `${random.pick(['a', ...INHERITED_NAMES])}${depth}_${index}: ` : '';
      return alias + this.#field(random.pick(fields), depth + 1);
    });
    if (onceIn(random, 10)) parts.push('__typename');
    const body = `{ ${parts.join(' ')} }`;
    if (onceIn(random, 12)) return `{ ... on ${type.name}${this.#directive()} ${body} }`;
    if (!onceIn(random, 12)) return body;
    const name = `F${this.#fragments.length}_${depth}`;
    this.#fragments.push(`fragment ${name} on ${type.name} ${body}`);
    return `{ ...${name}${this.#directive()} }`;
  }

  #directive(): string {
    const { random } = this;
    if (!onceIn(random, 12)) return '';
    const condition = random.pick(['true', 'false', '$']);
    const given =
      condition === '$'
        ? this.#declare('Boolean!', random.pick<unknown>([true, false, true, null, 'x']))
        : condition;
    return ` @${random.pick(['include', 'skip'])}(if: ${given})`;
  }

  #argument(name: string, type: GraphQLInputType): string {
    const value = graphqlValue(this.random, this.whose, name, type);
    return onceIn(this.random, 4) ? literal(value, type) : this.#declare(String(type), value);
  }

  #declare(definition: string, value: unknown): string {
    const taken = this.#definitions.size;
    const name = onceIn(this.random, 20) ? this.random.pick<string>(INHERITED_NAMES) : `v${taken}`;
    const free = this.#definitions.has(name) ? `v${taken}` : name;
    this.#definitions.set(free, definition);
    if (!onceIn(this.random, 40)) this.#variables[free] = value;
    return `$${free}`;
  }
}

/** Writes a value as a literal. */
function literal(value: unknown, type: GraphQLInputType): string {
  if (isNonNullType(type)) return literal(value, type.ofType);
  if (isEnumType(type) && typeof value === 'string' && /^\w+$/.test(value)) return value;
  if (Array.isArray(value)) {
    const inner = isListType(type) ? type.ofType : type;
    return `[${value
      .slice(0, 50)
      .map((item) => literal(item, inner))
      .join(', ')}]`;
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const types = isInputObjectType(type) ? type.getFields() : {};
  const fields = Object.entries(value).map(
    ([name, item]) =>
      `${name}: ${literal(item, Object.hasOwn(types, name) ? (types[name]?.type ?? type) : type)}`,
  );
  return `{ ${fields.join(', ')} }`;
}
