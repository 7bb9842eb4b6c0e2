import { expect, test } from 'vitest';
import { ApiError } from '../api/http.ts';
import { type Call, JmapError } from '../api/jmap.ts';
import { outcomeLater, submit, type SubmitParts, takeBack, type ToSend } from './submit.ts';

const WHAT: ToSend = { emailId: 'E1', identityId: 'I1', mailFrom: 'ada@isp.example', rcptTo: ['joe@isp.example'], draftsId: 'D', sentId: 'S', origin: { emailId: 'E0', does: 'answered' } };
const AT = Date.parse('2026-11-26T12:00:10Z');
const pending = { id: 'X', undoStatus: 'pending', sendAt: '2026-11-26T12:00:10Z', deliveryStatus: null };
const final = (deliveryStatus: object | null = null) => ({ id: 'X', undoStatus: 'final', sendAt: '2026-11-26T12:00:10Z', deliveryStatus });
const lost = (): ApiError => new ApiError(0, 'unavailable', {}, undefined);

type Answer = unknown[] | Error;

/** A server that gives these answers, one a request. */
function server(answers: Answer[]): { asked: (readonly Call[])[]; parts: SubmitParts } {
  const asked: (readonly Call[])[] = [];
  return {
    asked,
    parts: {
      async jmap<T extends readonly unknown[]>(calls: readonly Call[]) {
        asked.push(calls);
        const answer = answers.shift() ?? [{}];
        if (answer instanceof Error) throw answer;
        return answer as unknown as T;
      },
      sleep: async () => {},
    },
  };
}

async function run(answers: Answer[], { what = WHAT, seconds = 0 } = {}) {
  const { asked, parts } = server(answers);
  const outcome = await submit(what, seconds, parts);
  return { outcome, asked, methods: asked.map((calls) => calls.map(([method]) => method).join('+')) };
}

test('it is handed over once, goes to Sent, and the original is marked', async () => {
  const { outcome, asked } = await run([[{ created: { sending: final() } }]]);
  expect(outcome).toEqual({ kind: 'sent' });
  const envelope = { mailFrom: { email: 'ada@isp.example', parameters: null }, rcptTo: [{ email: 'joe@isp.example', parameters: null }] };
  expect(asked).toEqual([
    [['EmailSubmission/set', { create: { sending: { identityId: 'I1', emailId: 'E1', envelope } }, onSuccessUpdateEmail: { '#sending': { 'keywords/$draft': null, 'keywords/$seen': true, 'mailboxIds/D': null, 'mailboxIds/S': true } } }]],
    [['Email/set', { update: { E0: { 'keywords/$answered': true } } }]],
  ]);
});

test('a server that keeps it for a while is asked to, and what became of it is asked later', async () => {
  const { outcome, asked, methods } = await run([[{ created: { sending: pending } }]], { seconds: 10 });
  expect(outcome).toEqual({ kind: 'held', submissionId: 'X', until: AT });
  expect(JSON.stringify(asked[0])).toContain('"parameters":{"HOLDFOR":"10"}');
  expect(methods).toEqual(['EmailSubmission/set', 'Email/set']);
  const later = (submission: object[], keywords: object = { $draft: true }) => outcomeLater('X', 'E1', server([[{ list: submission }, { list: [{ id: 'E1', keywords }] }]]).parts);
  expect(await later([pending])).toEqual({ kind: 'held', submissionId: 'X', until: AT });
  expect(await later([final()])).toEqual({ kind: 'sent' });
  expect(await later([final({ 'joe@isp.example': { smtpReply: '550 5.1.1 no', delivered: 'no' } })])).toEqual({ kind: 'refused', type: 'refusedLater', sentence: undefined, addresses: ['joe@isp.example'] });
  expect(await later([final({ 'joe@isp.example': { smtpReply: '451 4.4.2 no answer', delivered: 'unknown' } })])).toEqual({ kind: 'unknown' });
  expect(await later([], {})).toEqual({ kind: 'sent' });
  expect(await later([])).toEqual({ kind: 'unknown' });
  expect(await outcomeLater('X', 'E1', server([lost()]).parts)).toEqual({ kind: 'unreachable' });
});

test('what is taken back is no answer any more; what is on its way is not taken back', async () => {
  const back = server([[{ updated: { X: null } }]]);
  expect(await takeBack('X', WHAT.origin, back.parts)).toBe(true);
  expect(back.asked).toEqual([[['EmailSubmission/set', { update: { X: { undoStatus: 'canceled' } } }]], [['Email/set', { update: { E0: { 'keywords/$answered': null } } }]]]);
  expect(await takeBack('X', undefined, server([[{ updated: null, notUpdated: { X: { type: 'cannotUnsend' } } }]]).parts)).toBe(false);
  expect(await takeBack('X', undefined, server([lost()]).parts)).toBeUndefined();
  expect(await takeBack('X', undefined, server([new JmapError('EmailSubmission/set', 'x', undefined)]).parts)).toBe(false);
});

test('a refusal names whom it concerns, and marks nothing', async () => {
  const { outcome, asked } = await run([[{ notCreated: { sending: { type: 'invalidRecipients', invalidRecipients: ['x@y'] } } }]]);
  expect(outcome).toEqual({ kind: 'refused', type: 'invalidRecipients', sentence: undefined, addresses: ['x@y'] });
  expect(asked).toHaveLength(1);
});

test('what was certainly not sent may be sent later', async () => {
  expect((await run([[{ notCreated: { sending: { type: 'serverUnavailable' } } }]])).outcome).toEqual({ kind: 'unreachable' });
  expect((await run([new ApiError(503, 'unavailable', {}, undefined)])).outcome).toEqual({ kind: 'unreachable' });
});

test('a server that does not know says so, and nothing is sent again', async () => {
  const { outcome, asked } = await run([[{ notCreated: { sending: { type: 'serverFail' } } }]]);
  expect(outcome).toEqual({ kind: 'unknown' });
  expect(asked).toHaveLength(1);
});

test('a lost answer is looked up, never asked for again', async () => {
  const moved = await run([lost(), [{ list: [{ id: 'E1', keywords: { $seen: true } }] }, { ids: [] }]]);
  expect(moved.outcome).toEqual({ kind: 'sent' });
  expect(moved.methods).toEqual(['EmailSubmission/set', 'Email/get+EmailSubmission/query', 'Email/set']);
  const draft = (ids: string[] = []): Answer => [{ list: [{ id: 'E1', keywords: { $draft: true } }] }, { ids }];
  const listed = await run([lost(), lost(), draft(['X']), [{ list: [pending] }]]);
  expect(listed.outcome).toEqual({ kind: 'held', submissionId: 'X', until: AT });
  const nobody = await run([lost(), draft(), draft(), draft(), draft(), draft()]);
  expect(nobody.outcome).toEqual({ kind: 'unknown' });
  expect(nobody.methods.filter((method) => method === 'EmailSubmission/set')).toHaveLength(1);
});

test('without a mailbox for what is sent it stays, and is no draft', async () => {
  const { asked } = await run([[{ created: { sending: final() } }]], { what: { ...WHAT, sentId: undefined, origin: undefined } });
  expect(asked[0]?.[0]?.[1]).toMatchObject({ onSuccessUpdateEmail: { '#sending': { 'keywords/$draft': null, 'keywords/$seen': true } } });
  expect(asked).toHaveLength(1);
});
