import { expect, test } from 'vitest';
import { silent } from '#events/index.ts';
import { createManualClock } from '#events/manual-clock.testing.ts';
import type { Attempt, Verdict } from '#signin/verdict.ts';
import { ASK_MS, createAskSignIn } from './ask-sign-in.ts';
import type { FromWorker } from './messages.ts';
import { createRegistry } from './registry.ts';

const ATTEMPT: Attempt = { protocol: 'imap', login: 'joe', secret: 'pw', network: '127.0.0.1' };
const ACCEPTED: Verdict = { verdict: 'accepted', accountId: 7, address: 'joe@example.net', home: 'old' };

function setUp() {
  const clock = createManualClock();
  const sent: FromWorker[] = [];
  const send = (message: FromWorker): void => void sent.push(message);
  const registry = createRegistry({ clock, onLeft: (id) => send({ t: 'closed', id }) });
  return { clock, sent, registry, ...createAskSignIn({ send, registry, clock, emit: silent }) };
}

test('an accepted session has its place in the turn in which the verdict comes', async () => {
  const { ask, receive, registry, sent } = setUp();
  const answer = ask(ATTEMPT, new AbortController().signal);
  receive(1, ACCEPTED);
  expect(registry.size).toBe(1);
  (await answer).place?.leave();
  expect([registry.size, sent.at(-1)]).toEqual([0, { t: 'closed', id: 1 }]);
});

test('no verdict in time is unavailable; one that comes too late is closed at once', async () => {
  const { ask, receive, clock, registry, sent } = setUp();
  const answer = ask(ATTEMPT, new AbortController().signal);
  clock.advance(ASK_MS);
  expect(await answer).toEqual({ verdict: { verdict: 'unavailable', reason: 'deadline' } });
  receive(1, ACCEPTED);
  expect([registry.size, sent.slice(1)]).toEqual([0, [{ t: 'abandon', id: 1 }, { t: 'closed', id: 1 }]]);
});

test('a client that goes abandons its attempt', async () => {
  const { ask, receive, sent } = setUp();
  const gone = new AbortController();
  const answer = ask(ATTEMPT, gone.signal);
  gone.abort();
  expect((await answer).verdict).toEqual({ verdict: 'unavailable', reason: 'aborted' });
  receive(1, { verdict: 'rejected', reason: 'secret' });
  expect(sent.slice(1)).toEqual([{ t: 'abandon', id: 1 }]);
});
