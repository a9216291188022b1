import { IsOptional } from 'class-validator';
import { ID, InputType } from '@nestjs/graphql';
import { validationFailed } from '../../errors/gateway-error.js';
import { ApiInputField } from '../../openapi/api-field.js';
import { memberKey } from '../../util/phone-number.js';
import { AreParticipantIds, ArePhoneNumbers } from './list-validators.js';
import { MAX_MEMBERS } from './validators.js';

/** Members to remove; the body of the REST call. */
@InputType({ isAbstract: true })
export class ParticipantRemovalInput {
  @IsOptional()
  @ArePhoneNumbers(MAX_MEMBERS)
  @ApiInputField(() => [String], {
    description: `Phone numbers of members, with or without \`+\`, spaces and punctuation. 1–${MAX_MEMBERS} members in total, counting \`participantIds\`.`,
    nullable: true,
    example: ['+86 150 2219 2065'],
  })
  phoneNumbers?: string[];

  @IsOptional()
  @AreParticipantIds(MAX_MEMBERS)
  @ApiInputField(() => [ID], {
    description: `IDs of members, as listed. 1–${MAX_MEMBERS} members in total, counting \`phoneNumbers\`.`,
    nullable: true,
    example: ['US.13491208655302741918'],
  })
  participantIds?: string[];
}

/** Returns the members to remove, as the caller wrote them. Throws `VALIDATION_FAILED` unless there are 1–8 distinct ones. */
export function membersOf({ phoneNumbers, participantIds }: ParticipantRemovalInput): readonly string[] {
  const members = [...(phoneNumbers ?? []), ...(participantIds ?? [])];
  const refuse = (fields: readonly string[], message: string): never => {
    throw validationFailed(fields.map((field) => ({ field, message })));
  };
  const fields = ['phoneNumbers', 'participantIds'];
  const none = participantIds && !phoneNumbers ? 'participantIds' : 'phoneNumbers';
  if (members.length === 0)
    refuse([none], `is missing: name 1–${MAX_MEMBERS} members in ${fields.join(', ')} or both`);
  if (members.length > MAX_MEMBERS)
    refuse(fields, `must be up to ${MAX_MEMBERS} members, both fields together`);
  const named = new Set(phoneNumbers?.map(memberKey));
  const repeated = (participantIds ?? []).flatMap((id, index) =>
    named.has(memberKey(id)) ? [`participantIds[${index}]`] : [],
  );
  if (repeated.length > 0) refuse(repeated, 'is also in phoneNumbers');
  return members;
}
