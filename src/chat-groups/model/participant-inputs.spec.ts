import { describe, expect, it } from '@jest/globals';
import { GatewayError } from '../../errors/gateway-error.js';
import { type ParticipantRemovalInput, membersOf } from './participant-inputs.js';

function violationsOf(input: ParticipantRemovalInput): readonly string[] | undefined {
  try {
    membersOf(input);
  } catch (error) {
    if (error instanceof GatewayError) return error.options.violations?.map(({ field }) => field);
  }
  return undefined;
}

const ids = (count: number, from = 0): string[] => Array.from({ length: count }, (_, i) => `US.${from + i}`);

describe('members to remove', () => {
  it('are those of both fields, as the caller wrote them', () => {
    expect(membersOf({ phoneNumbers: ['+86 137 0000 0001'], participantIds: ['US.1'] })).toEqual([
      '+86 137 0000 0001',
      'US.1',
    ]);
    expect(membersOf({ phoneNumbers: ids(4), participantIds: ids(4, 4) })).toHaveLength(8);
  });

  it.each<[ParticipantRemovalInput, readonly string[]]>([
    [{}, ['phoneNumbers']],
    [{ phoneNumbers: [] }, ['phoneNumbers']],
    [{ participantIds: [] }, ['participantIds']],
    [{ phoneNumbers: [], participantIds: [] }, ['phoneNumbers']],
    [{ phoneNumbers: ids(5), participantIds: ids(4, 5) }, ['phoneNumbers', 'participantIds']],
    [{ phoneNumbers: ['8613700000001'], participantIds: ['+8613700000001'] }, ['participantIds[0]']],
  ])('must be 1–8 distinct ones: %j', (input, fields) => {
    expect(violationsOf(input)).toEqual(fields);
  });
});
