import { type Fields, LINK, groupRow, withFields } from './odd-answers.js';
import type { GroupsCase } from './odd-answers-groups.js';

const shown = (what: string, fields: Fields, shows: Fields): GroupsCase => ({
  what,
  sends: withFields({ Data: { Total: 1, List: [groupRow(fields)] } }),
  shows: [{ groupId: 'group-0', ...shows }],
});
const link = (what: string, InviteLink: unknown, inviteLink: string | null = null): GroupsCase =>
  shown(`an InviteLink ${what}`, { InviteLink }, { inviteLink });
const picture = (
  what: string,
  ProfilePictureFile: unknown,
  profilePictureUrl: string | null = null,
): GroupsCase => shown(`a ProfilePictureFile ${what}`, { ProfilePictureFile }, { profilePictureUrl });
const count = (
  what: string,
  TotalParticipantCount: unknown,
  participantCount: number | null = null,
): GroupsCase => shown(`a TotalParticipantCount ${what}`, { TotalParticipantCount }, { participantCount });
const type = (what: string, GroupType: unknown, groupType: string | null = null): GroupsCase =>
  shown(`a GroupType ${what}`, { GroupType }, { groupType });
const role = (what: string, BusinessRole: unknown, businessRole: string | null = null): GroupsCase =>
  shown(`a BusinessRole ${what}`, { BusinessRole }, { businessRole });
const groupLink = (what: string, GroupLink: unknown, shows: string | null = null): GroupsCase =>
  shown(`a GroupLink ${what}`, { GroupLink }, { groupLink: shows });

/** Fields that only decorate a group: whatever they are, the group is shown. */
export const ODD_DECORATIONS: readonly GroupsCase[] = [
  link('that is missing', undefined),
  link('of null', null),
  link('that is empty', ''),
  link('that says None', 'None'),
  link('that is a number', 7),
  link('in a list', [LINK]),
  link('over http', LINK.replace('https', 'http')),
  link('that is a script', 'javascript:alert(1)//chat.whatsapp.com'),
  link('that is data', 'data:text/html,hello'),
  link('with a line break in it', 'https://chat.whatsapp.com/Ab\nCd'),
  link('of 10 kB', LINK + 'x'.repeat(10_240)),
  picture('that is a URL', 'https://example.com/a.jpg', 'https://example.com/a.jpg'),
  picture('that is a path', '/tmp/a.jpg'),
  picture('that is a script', 'javascript:alert(1)'),
  picture('that is an object', { url: 'https://example.com/a.jpg' }),
  count('of seven', 7, 7),
  count('of zero', 0, 0),
  count('that is a string', '7'),
  count('that is negative', -1),
  count('with a fraction', 7.5),
  count('that exceeds a GraphQL Int', 3_000_000_000),
  count('of null', null),
  count('that is an object', {}),
  shown('a GmtModifier that is a string', { GmtModifier: '2026-11-28' }, {}),
  shown('a GmtModifier that is an object', { GmtModifier: {} }, {}),
];

/** The same for fields that CAMS has added later. */
export const ODD_NEW_FIELDS: readonly GroupsCase[] = [
  type('that is a string', 'SUPERGROUP', 'SUPERGROUP'),
  type('that is missing', undefined),
  type('that says None', 'None'),
  type('that is a number', 7),
  type('that is an object', {}),
  role('that is a string', 'ADMIN', 'ADMIN'),
  role('that is missing', undefined),
  role('of null', null),
  role('in a list', ['ADMIN']),
  groupLink('that is a URL', 'https://t.me/+AbCdEfGh', 'https://t.me/+AbCdEfGh'),
  groupLink('that is missing', undefined),
  groupLink('that says None', 'None'),
  groupLink('that is a number', 7),
  groupLink('over http', 'http://t.me/+AbCdEfGh'),
  groupLink('that is a script', 'javascript:alert(1)'),
];
