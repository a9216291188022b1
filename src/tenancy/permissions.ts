/** All permissions that credentials can grant. */
export const PERMISSIONS = [
  'groups:read',
  'groups:write',
  'groups:delete',
  'groups:invite',
  'participants:read',
  'participants:remove',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

export function isPermission(value: string): value is Permission {
  return (PERMISSIONS as readonly string[]).includes(value);
}
