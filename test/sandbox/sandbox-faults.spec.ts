import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ACME,
  record,
  startTestSandbox,
  until,
  type SdkAnswer,
  type TestSandbox,
} from '../support/sandbox-rpc.js';

describe('the faults of the sandbox', () => {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await startTestSandbox();
  });
  afterAll(async () => sandbox.close());
  afterEach(async () => sandbox.control.reset());

  const fault = async (
    fault: Parameters<TestSandbox['control']['fault']>[0] & Record<string, unknown>,
  ): Promise<void> => sandbox.control.fault(fault);
  const add = async (readTimeoutMs = 10_000): Promise<SdkAnswer> =>
    sandbox.call('AddChatGroup', { ...ACME, Subject: 'spoiled' }, { readTimeoutMs });
  const added = async (): Promise<boolean> =>
    (await sandbox.control.groups({ custSpaceId: ACME.CustSpaceId, businessNumber: ACME.BusinessNumber }))
      .length > 51;
  const lastCall = async () => (await sandbox.control.calls()).at(-1);

  it.each<[string, boolean, Partial<SdkAnswer>]>([
    ['http500', false, { status: 500, body: expect.objectContaining({ Code: 'InternalError' }) }],
    ['html502', false, { status: undefined, error: { name: 'SyntaxError', code: undefined } }],
    ['reset', false, { status: undefined, error: { name: 'Error', code: 'ECONNRESET' } }],
    ['reset-after-apply', true, { status: undefined, error: { name: 'Error', code: 'ECONNRESET' } }],
    ['empty-body', true, { error: { name: 'SyntaxError', code: undefined } }],
    ['malformed', true, { error: { name: 'SyntaxError', code: undefined } }],
    ['reject', false, { status: 200, body: expect.objectContaining({ Code: 'InvalidParameter.Rejected' }) }],
    [
      'ok-success-false',
      true,
      { status: 200, body: expect.objectContaining({ Code: 'OK', Success: false }) },
    ],
  ])('%s (executed: %p)', async (kind, applied, answer) => {
    await fault({ kind, count: 1 });
    expect(await add()).toMatchObject(answer);
    expect(await lastCall()).toMatchObject({ action: 'AddChatGroup', outcome: `fault:${kind}`, applied });
    expect(await added()).toBe(applied);
    expect((await add()).body['Code']).toBe('OK');
    expect(await lastCall()).toMatchObject({ outcome: 'ok', applied: true });
  });

  it.each([
    ['hang', false],
    ['hang-after-apply', true],
  ])('%s never responds (executed: %p)', async (kind, applied) => {
    await fault({ kind, count: 1 });
    const { status, error } = await add(100);
    expect([status, error?.name]).toEqual([undefined, 'RequestTimeoutError']);
    expect(await added()).toBe(applied);
  });

  it('latency delays the response, and the operation is executed even if the caller has given up', async () => {
    await fault({ kind: 'latency', ms: 300, count: 1 });
    const { error } = await add(50);
    expect(error?.name).toBe('RequestTimeoutError');
    expect(await lastCall()).toMatchObject({ outcome: 'pending', applied: false });
    await until(async () => ((await added()) ? true : undefined));
    expect(await lastCall()).toMatchObject({ outcome: 'fault:latency', applied: true });
  });

  it('html502 is logged as a 502, which the SDK does not expose', async () => {
    await fault({ kind: 'html502' });
    await add();
    expect(await lastCall()).toMatchObject({ code: '502' });
  });

  it('late-apply drops the response and executes afterwards', async () => {
    await fault({ kind: 'late-apply', ms: 100, count: 1 });
    expect((await add()).error?.code).toBe('ECONNRESET');
    await until(async () => ((await added()) ? true : undefined));
    expect(await lastCall()).toMatchObject({ outcome: 'fault:late-apply', applied: true });
  });

  it('late-apply is cancelled by a reset', async () => {
    await fault({ kind: 'late-apply', ms: 60_000, count: 1 });
    await add();
    expect(await added()).toBe(false);
    await sandbox.control.reset();
    expect(await added()).toBe(false);
  });

  it('throttle alternates between 400 and 429', async () => {
    await fault({ kind: 'throttle' });
    const answers = [await add(), await add()];
    expect(answers.map(({ status }) => status).toSorted((one = 0, other = 0) => one - other)).toEqual([
      400, 429,
    ]);
    expect(new Set(answers.map(({ body }) => body['Code']))).toEqual(new Set(['Throttling.User']));
  });

  it.each([
    ['Authentication.NoAuth', 200],
    ['Product.Unsubscript', 400],
    ['Ram.PermissionDeny', 400],
    ['System.LimitControl', 400],
    ['ServiceUnavailable', 503],
    ['Something.NobodyHasSeen', 200],
  ])('reject with %s returns %d', async (code, status) => {
    await fault({ kind: 'reject', code, count: 1 });
    expect(await add()).toMatchObject({ status, body: { Code: code } });
  });

  it('reject with NoPermission returns an object in AccessDeniedDetail', async () => {
    await fault({ kind: 'reject', code: 'NoPermission' });
    expect(await add()).toMatchObject({
      status: 403,
      body: { Code: 'NoPermission', AccessDeniedDetail: { AuthAction: 'cams:AddChatGroup' } },
    });
  });

  it('reject uses the status, message and apply of the fault', async () => {
    await fault({ kind: 'reject', code: 'Odd', status: 409, message: 'because', apply: true, count: 1 });
    expect(await add()).toMatchObject({ status: 409, body: { Code: 'Odd', Message: 'because' } });
    expect(await added()).toBe(true);
  });

  it('raw returns the given body', async () => {
    await fault({ kind: 'raw', body: '{"Code":"OK","UniqueCode":"7"}', count: 1 });
    expect(await add()).toMatchObject({ status: 200, body: { Code: 'OK', UniqueCode: '7' } });
    expect(await added()).toBe(false);
  });

  it('short-page returns fewer rows than the page has', async () => {
    await fault({ kind: 'short-page', count: 1 });
    const page = await sandbox.list();
    expect([page.total, page.groups.length]).toEqual([51, 25]);
    expect((await sandbox.list()).groups).toHaveLength(51);
  });

  it('do not apply to calls with an invalid signature, nor count them', async () => {
    await fault({ kind: 'http500', count: 1 });
    await sandbox.call('AddChatGroup', ACME, { accessKeySecret: 'wrong' });
    expect((await add()).status).toBe(500);
  });

  it('apply to a random share of the calls', async () => {
    const rolls = [0.1, 0.9, 0.5];
    const other = await startTestSandbox({}, { random: () => rolls.shift() ?? 1 });
    const half = { kind: 'http500', ratio: 0.5 };
    await other.control.fault(half);
    const statuses = [];
    for (const _ of [1, 2, 3])
      statuses.push((await other.call('ListChatGroup', { ...ACME, Page: '{"Index":1,"Size":1}' })).status);
    await other.close();
    expect(statuses).toEqual([500, 200, 200]);
  });

  it('do not delay shutdown while a call hangs', async () => {
    const other = await startTestSandbox();
    await other.control.fault({ kind: 'hang' });
    const hanging = other.call('ListChatGroup', ACME);
    await until(async () => (await other.control.calls())[0]);
    await other.close();
    expect((await hanging).error?.code).toBe('ECONNRESET');
  });

  it('are distinct from rejected calls in the log', async () => {
    await sandbox.call('ListChatGroup', { ...ACME, Page: 'x' });
    expect(record(await lastCall())).toMatchObject({
      outcome: 'rejected',
      code: 'InvalidParameter.PageInvalid',
      parameters: { ...ACME, Page: 'x' },
      applied: false,
    });
  });
});
