import { MAX_PAGE_SIZE } from '../../src/chat-groups/model/page-size.js';
import { type GraphQLArgument, isNonNullType } from 'graphql';
import { ACME, GLOBEX } from './gateway.js';
import { CODE } from './query-cases.js';
import type { RandomChoice } from './random-choice.js';

/** Literals by argument. The first ones are valid and chosen most of the time. */
export type ArgumentPool = Readonly<Record<string, readonly [string, ...string[]]>>;

/** A variable that a selection uses, and the value sent for it. `undefined`: none is sent. */
export interface RandomVariable {
  readonly definition: string;
  readonly value: unknown;
}

/** Returns values for the arguments of the schema. `ids` are the IDs of existing groups. */
export function argumentPool(ids: readonly [string, ...string[]]): ArgumentPool {
  const texts = (...[first, ...others]: [string, ...string[]]): [string, ...string[]] => [
    JSON.stringify(first),
    ...others.map((value) => JSON.stringify(value)),
  ];
  return {
    businessNumber: [
      `"${ACME.businessNumber}"`,
      ...texts(GLOBEX.businessNumber, '8613800009999', 'no number', ''),
    ],
    custSpaceId: [
      `"${ACME.custSpaceId}"`,
      ...texts(GLOBEX.custSpaceId, 'cams-nobody', 'ü "quoted" \\'),
      'null',
      '7',
    ],
    first: ['5', '1', '20', '0', '-1', `${MAX_PAGE_SIZE + 1}`, 'null', '2147483647'],
    last: ['3', `${MAX_PAGE_SIZE}`, '0', 'null'],
    offset: ['0', '2', '50', '1000', '-3', 'null'],
    after: ['null', ...texts('not a cursor', '')],
    before: ['null', ...texts('not a cursor')],
    status: ['ACTIVE', 'INACTIVE', 'UNKNOWN', 'DELETING', 'null'],
    subject: [...texts('Kyoto'), '"""\n  a "block"\n"""', ...texts('nobody calls it so', '', CODE), 'null'],
    id: [...texts(...ids, `${ids[0]}x`, 'op_unknown', 'no id', ''), '12345'],
    name: texts('ChatGroup', 'ChatGroupStatus', 'CreateChatGroupInput', 'Nobody', '__Type'),
    includeDeprecated: ['true', 'false', 'null'],
  };
}

/** Returns a literal, usually one of the first three. */
export function randomLiteral(
  choice: RandomChoice,
  pool: ArgumentPool,
  { name, type }: GraphQLArgument,
): string {
  const values = pool[name] ?? ['null'];
  const value =
    values[choice.below(choice.onceIn(3) ? values.length : Math.min(3, values.length))] ?? values[0];
  return value === 'null' && isNonNullType(type) ? values[0] : value;
}

/** Returns a variable of a type that fits the argument, usually with a valid value. */
export function randomVariable(
  choice: RandomChoice,
  pool: ArgumentPool,
  argument: GraphQLArgument,
): RandomVariable {
  const required = isNonNullType(argument.type);
  const nullable = String(argument.type).replace(/!$/, '');
  const initial = randomLiteral(choice, pool, argument);
  const definition = choice.of([
    String(argument.type),
    required || initial !== 'null' ? `${nullable} = ${initial}` : nullable,
    required ? `${nullable}!` : nullable,
    `${nullable}!`,
  ]);
  return { definition, value: randomValue(choice, randomLiteral(choice, pool, argument)) };
}

/** Returns a variable for the condition of a directive. */
export function randomCondition(choice: RandomChoice): RandomVariable {
  const definition = choice.of(['Boolean!', 'Boolean! = true', 'Boolean = false']);
  const value = choice.of<unknown>([true, false, true, false, true, false, undefined, null, 'true', 1]);
  return { definition, value: value === undefined && definition === 'Boolean!' ? true : value };
}

function randomValue(choice: RandomChoice, literal: string): unknown {
  if (choice.onceIn(12)) return choice.of<unknown>([undefined, null, [], {}, true, 1.5, 'x', ['5']]);
  if (choice.onceIn(8)) return undefined;
  // Block strings and enums are not JSON: they are sent as they are.
  return /^("(?!"")|-?\d|null|true|false)/.test(literal) ? JSON.parse(literal) : literal;
}
