import type { CamsAction } from '../../src/cams/wire.js';

/** How the vendor's SDKs declare a field: they throw on any other type. A field may be absent, never `null`. */
type DeclaredType =
  'text' | 'integer' | 'boolean' | { readonly [field: string]: DeclaredType } | [DeclaredType];

type Fields = Readonly<Record<string, DeclaredType>>;

const ENVELOPE: Fields = {
  Code: 'text',
  Message: 'text',
  RequestId: 'text',
  AccessDeniedDetail: 'text',
  Success: 'boolean',
};

const GROUP = {
  GroupId: 'text',
  Subject: 'text',
  Description: 'text',
  BusinessNumber: 'text',
  InviteLink: 'text',
  GroupStatus: 'text',
  ProfilePictureFile: 'text',
  BusinessRole: 'text',
  GroupType: 'text',
  GroupLink: 'text',
  TotalParticipantCount: 'integer',
  GmtModifier: 'integer',
} as const;

/**
 * The fields of each operation, without the envelope. Source: the vendor's SDKs for Go (v6.3.0) and TypeScript (5.3.0).
 * Declared separately from `src`, so that the sandbox is not checked against the types it was built with.
 */
const RESULTS: Readonly<Record<CamsAction, Fields>> = {
  AddChatGroup: { UniqueCode: 'text' },
  UpdateChatGroup: { Result: 'integer' },
  DeleteChatGroup: { Result: 'integer' },
  AddChatGroupInviteLink: { InviteLink: 'text' },
  DeleteChatGroupInviteLink: { Result: 'integer' },
  ListChatGroup: { Data: { Total: 'integer', List: [GROUP] } },
  ListChatGroupParticipants: { Data: { Total: 'integer', List: [{ ParticipantNumber: 'text' }] } },
  DeleteChatGroupParticipants: { Result: 'integer' },
};

/** The errors of the vendor's gateway, which every SDK reads from any HTTP status of 400 and above. */
const GATEWAY_ERROR: Fields = {
  Code: 'text',
  Message: 'text',
  RequestId: 'text',
  HostId: 'text',
  Recommend: 'text',
};

/** Returns every field that does not fit in a response of this HTTP status. */
export function answerMismatches(action: string, status: number, body: unknown): string[] {
  if (status < 400) return typeMismatches(action, body);
  if (typeof body !== 'object' || body === null) return [`${action}: expected an object`];
  const { AccessDeniedDetail, ...fields } = body as Record<string, unknown>;
  const absent = Object.keys(GATEWAY_ERROR).filter((field) => !(field in fields));
  return [
    ...absent.map((field) => `${action}.${field}: missing in an error of the gateway`),
    ...mismatches(fields, GATEWAY_ERROR, action),
    ...denialMismatches(
      `${action}.AccessDeniedDetail`,
      fields['Code'] === 'NoPermission',
      AccessDeniedDetail,
    ),
  ];
}

/** RAM explains a denial in an object of texts; no other error has one. */
function denialMismatches(path: string, isDenial: boolean, detail: unknown): string[] {
  if (!isDenial) return detail === undefined ? [] : [`${path}: only NoPermission has it`];
  const texts = typeof detail === 'object' && detail !== null ? Object.entries(detail) : [];
  if (texts.length === 0) return [`${path}: expected an object, got ${JSON.stringify(detail)}`];
  return texts.flatMap(([field, text]) => mismatches(text, 'text', `${path}.${field}`));
}

/** Returns every field of a response that has the wrong type or that no SDK declares. */
export function typeMismatches(action: string, body: unknown): string[] {
  const result = Object.entries(RESULTS).find(([name]) => name === action)?.[1];
  return mismatches(body, { ...ENVELOPE, ...result }, action);
}

function mismatches(value: unknown, declared: DeclaredType, path: string): string[] {
  if (Array.isArray(declared)) {
    if (!Array.isArray(value)) return [`${path}: expected a list, got ${JSON.stringify(value)}`];
    return value.flatMap((item, index) => mismatches(item, declared[0], `${path}[${index}]`));
  }
  if (typeof declared === 'object') {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return [`${path}: expected an object, got ${JSON.stringify(value)}`];
    return Object.entries(value).flatMap(([field, inner]) => {
      const type = declared[field];
      return type === undefined
        ? [`${path}.${field}: no SDK declares it`]
        : mismatches(inner, type, `${path}.${field}`);
    });
  }
  const fits =
    declared === 'text'
      ? typeof value === 'string'
      : declared === 'integer'
        ? Number.isSafeInteger(value)
        : typeof value === 'boolean';
  return fits ? [] : [`${path}: expected ${declared}, got ${JSON.stringify(value)}`];
}
