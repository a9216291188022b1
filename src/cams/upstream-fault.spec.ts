import { expect, it } from '@jest/globals';
import type { CamsFailure } from './cams-failure.js';
import { isUpstreamFault } from './upstream-fault.js';

const refused = (code: string, status = 200): CamsFailure => ({
  kind: 'refused',
  status,
  code,
  message: '',
  requestId: undefined,
});

it.each<[string, CamsFailure]>([
  ['a timeout', { kind: 'timeout', sent: true }],
  ['a connection that was lost', { kind: 'lost', sent: true, errorCode: 'ECONNRESET' }],
  ['a connection that was never made', { kind: 'lost', sent: false, errorCode: 'ECONNREFUSED' }],
  ['the error page of a proxy', { kind: 'broken', what: 'not JSON', status: 502 }],
  ['an internal error', refused('InternalError', 500)],
  ['an unknown code with 503', refused('Unheard.Of', 503)],
])('takes %s for a fault of CAMS', (_, failure) => {
  expect(isUpstreamFault(failure, 'read')).toBe(true);
});

it.each<[string, CamsFailure]>([
  ['a wrong parameter', refused('InvalidParameter.SubjectInvalid')],
  ['a throttle', refused('Throttling.User', 503)],
  ['a proxy that wants a password', { kind: 'lost', sent: false, errorCode: 'PROXY_STATUS_407' }],
  ['missing grants', refused('NoPermission', 403)],
  ['a response that cannot be read', { kind: 'broken', what: 'not JSON', status: 200 }],
  ['a short page', { kind: 'short-page', maxSize: 10, requestId: undefined }],
])('does not take %s for a fault of CAMS', (_, failure) => {
  expect(isUpstreamFault(failure, 'read')).toBe(false);
});
