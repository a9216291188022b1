import { applyDecorators } from '@nestjs/common';
import { ValidateBy } from 'class-validator';
import type { ElementViolation, ListRule } from '../../http/input.pipe.js';
import { ApiConstrained, type ApiConstraints } from '../../openapi/api-field.js';
import { memberKey, phoneDigits } from '../../util/phone-number.js';
import { MAX_UPSTREAM_ID } from '../../util/text.js';
import { A_PHONE_NUMBER, type Check, isText, NO_CONTROL, WRITTEN_NUMBER } from './validators.js';

/** Requires phone numbers, as digits or in E.164 spellings. */
export function ArePhoneNumbers(max: number): PropertyDecorator {
  const isNumber: Check = (value) => typeof value === 'string' && phoneDigits(value) !== undefined;
  return distinct('arePhoneNumbers', `${max} phone numbers`, max, isNumber, {
    message: A_PHONE_NUMBER,
    schema: WRITTEN_NUMBER,
  });
}

/** Requires IDs of members, as they are listed. */
export function AreParticipantIds(max: number): PropertyDecorator {
  const what = `must be a member ID of 1–${MAX_UPSTREAM_ID} characters, as it is listed`;
  const schema = { minLength: 1, maxLength: MAX_UPSTREAM_ID, pattern: NO_CONTROL };
  return distinct('areParticipantIds', `${max} member IDs`, max, isText(MAX_UPSTREAM_ID), {
    message: what,
    schema,
  });
}

/** Requires a list without two spellings of the same member. A violation names the element. */
function distinct(
  name: string,
  what: string,
  max: number,
  check: Check,
  { message, schema }: { readonly message: string; readonly schema: ApiConstraints },
): PropertyDecorator {
  const elements: ListRule['elements'] = (value) => {
    if (!Array.isArray(value) || value.length > max) return undefined;
    const wrong = violations(value, (element) => !check(element), message);
    return wrong.length > 0 ? wrong : violations(value, isRepeated, 'must not repeat an earlier one');
  };
  const validate = ValidateBy(
    {
      name,
      validator: {
        validate: (value) => elements(value)?.length === 0,
        defaultMessage: () => `must be a list of up to ${what}`,
      },
    },
    { context: { elements } satisfies ListRule },
  );
  return applyDecorators(validate, ApiConstrained({ maxItems: max, uniqueItems: true, items: schema }));
}

function violations(
  list: readonly unknown[],
  isWrong: (element: unknown, index: number, list: readonly unknown[]) => boolean,
  message: string,
): ElementViolation[] {
  return list.flatMap((element, index) => (isWrong(element, index, list) ? [{ index, message }] : []));
}

function isRepeated(element: unknown, index: number, list: readonly unknown[]): boolean {
  const key = memberKey(element as string);
  return list.slice(0, index).some((earlier) => memberKey(earlier as string) === key);
}
