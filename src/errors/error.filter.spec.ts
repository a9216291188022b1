import { describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequestContext } from '../request/request-context.js';
import { sendThrown } from './error.filter.js';

Logger.overrideLogger(false);

/** Values that throw when they are looked at. */
const HOSTILE: readonly (readonly [string, unknown])[] = [
  ['whose prototype cannot be read', new Proxy({}, { getPrototypeOf: refuse, get: refuse })],
  ['whose code cannot be read', Object.defineProperty(new Error('x'), 'code', { get: refuse })],
  ['that is revoked', revoked()],
];

function refuse(): never {
  throw new Error('unreadable');
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

describe('a thrown value', () => {
  it.each(HOSTILE)('%s is sent as an internal error', (_, thrown) => {
    const send = jest.fn<(body: string) => void>();
    const reply = { sent: false, code: () => reply, headers: () => reply, type: () => reply, send };
    const request = {
      url: '/v1/viewer',
      headers: {},
      raw: { destroyed: false, complete: true },
      gateway: new RequestContext('r1', 1_000),
    };
    sendThrown(thrown, request as unknown as FastifyRequest, reply as unknown as FastifyReply);
    expect(send.mock.calls.map(([body]) => JSON.parse(body))).toEqual([
      expect.objectContaining({ code: 'INTERNAL', status: 500, requestId: 'r1' }),
    ]);
  });
});
