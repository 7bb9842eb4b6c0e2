import * as fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { createManualClock } from '#events/manual-clock.testing.ts';
import type { Attempt, UnavailableReason, Verdict } from '#signin/verdict.ts';
import { createHoldBack } from '../hold-back.ts';
import { connection, type Peer, settle } from '../peers.testing.ts';
import { createSaslServer, type SaslServer } from './sasl-server.ts';

const ACCEPTED: Verdict = { verdict: 'accepted', accountId: 7, address: 'jane@isp.example', home: 'old' };
const REJECTED: Verdict = { verdict: 'rejected', reason: 'secret' };
const b64 = (text: string): string => Buffer.from(text).toString('base64');
const plain = (login: string, secret: string): string => b64(`\0${login}\0${secret}`);
const auth = (id: number, rest: string): string => `AUTH\t${id}\t${rest}\n`;
const asked = (id: number, secret = 'right'): string => auth(id, `PLAIN\tservice=smtp\tnologin\tlip=10.0.0.1\trip=192.0.2.1\tsecured\tresp=${plain('jane', secret)}`);

const servers: SaslServer[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

type Door = { readonly peer: Peer; readonly attempts: Attempt[]; readonly clock: ReturnType<typeof createManualClock>; readonly events: string[] };

/** One connection to a server whose judge says what it is told. */
async function door(judge: (attempt: Attempt) => Verdict | Promise<Verdict>): Promise<Door> {
  const clock = createManualClock();
  const attempts: Attempt[] = [];
  const events: string[] = [];
  const server = createSaslServer({
    attempt: async (attempt, register) => {
      attempts.push(attempt);
      const verdict = await judge(attempt);
      if (verdict.verdict === 'accepted') expect(register(verdict.accountId, { home: verdict.home, epoch: 1 })).toBeUndefined();
      return verdict;
    },
    foreignName: (login) => login.includes('*'),
    holdBack: createHoldBack(clock, () => 0),
    clock,
    emit: (event) => void events.push(event.name),
  });
  servers.push(server);
  const { near, far } = await connection();
  server.accept(near);
  await far.sees('DONE\n');
  far.send('VERSION\t1\t1\nCPID\t4711\n');
  return { peer: far, attempts, clock, events };
}

const answers = (peer: Peer): string => peer.all().split('DONE\n')[1]!;

test('says who it is before it is asked', async () => {
  const { peer } = await door(() => ACCEPTED);
  expect(peer.all()).toMatch(/^VERSION\t1\t2\nMECH\tPLAIN\tplaintext\nMECH\tLOGIN\tplaintext\nSPID\t\d+\nCUID\t\d+\nCOOKIE\t[0-9a-f]{32}\nDONE\n$/);
});

test('accepted is OK, with the account it is', async () => {
  const { peer, attempts } = await door(() => ACCEPTED);
  peer.send(asked(1));
  await peer.sees('OK\t1\tuser=jane@isp.example\n');
  expect(attempts).toEqual([{ protocol: 'submission', login: 'jane', secret: 'right', network: '192.0.2.1' }]);
});

test('asks for what has not come: PLAIN, and LOGIN in two steps', async () => {
  const { peer, attempts } = await door(() => ACCEPTED);
  peer.send(auth(1, 'PLAIN\tservice=smtp\trip=192.0.2.1'));
  await peer.sees('CONT\t1\t\n');
  peer.send(`CONT\t1\t${plain('jane', 'one')}\n`);
  await peer.sees('OK\t1\tuser=jane@isp.example\n');
  peer.send(auth(2, 'LOGIN\tservice=smtp\trip=192.0.2.1'));
  await peer.sees(`CONT\t2\t${b64('Username:')}\n`);
  peer.send(`CONT\t2\t${b64('zoë')}\n`);
  await peer.sees(`CONT\t2\t${b64('Password:')}\n`);
  peer.send(`CONT\t2\t${b64('pässword')}\n`);
  await peer.sees('OK\t2\tuser=jane@isp.example\n');
  expect(attempts.map(({ login, secret }) => [login, secret])).toEqual([['jane', 'one'], ['zoë', 'pässword']]);
});

test('rejected is FAIL, held back', async () => {
  const { peer, clock } = await door(() => REJECTED);
  peer.send(asked(1, 'wrong'));
  await settle();
  expect(answers(peer)).toBe('');
  clock.advance(2_000);
  await peer.sees('FAIL\t1\treason=The login name or the password is wrong.\n');
  peer.send(asked(2, 'wrong'));
  await settle();
  clock.advance(2_000);
  await peer.sees('FAIL\t2\t');
});

const SILENT: Verdict[] = [
  ...(['suspended', 'closed', 'send-blocked', 'held', 'verifier-down', 'overload', 'deadline', 'internal'] satisfies UnavailableReason[]).map((reason): Verdict => ({ verdict: 'unavailable', reason })),
  { verdict: 'locked', reason: 'network' },
];

test.each(SILENT)('$verdict $reason: the connection is closed without an answer', async (verdict) => {
  const { peer } = await door(() => verdict);
  peer.send(asked(1));
  await peer.ended();
  expect(answers(peer)).toBe('');
});

test('what else was asked is answered before the connection is closed', async () => {
  const slow = Promise.withResolvers<Verdict>();
  const { peer, attempts, events } = await door(({ secret }) => (secret === 'slow' ? slow.promise : { verdict: 'unavailable', reason: 'overload' }));
  peer.send(asked(1, 'slow') + asked(2, 'none'));
  await settle();
  expect(answers(peer)).toBe('');
  peer.send(asked(3, 'too late'));
  await settle();
  slow.resolve(ACCEPTED);
  await peer.ended();
  expect(answers(peer)).toBe('OK\t1\tuser=jane@isp.example\n');
  expect(attempts).toHaveLength(2);
  expect(events).toEqual([]);
});

test.each([
  ['a secret that is no UTF-8', `PLAIN\tservice=smtp\tresp=${Buffer.from('\0jane\0p\xe4ss', 'latin1').toString('base64')}`],
  ['a name with a master separator', `PLAIN\tservice=smtp\tresp=${plain('jane*boss', 'right')}`],
  ['a sign-in for somebody else', `PLAIN\tservice=smtp\tresp=${b64('joe\0jane\0right')}`],
  ['no base64', 'PLAIN\tservice=smtp\tresp=?'],
  ['a mechanism that is not offered', 'CRAM-MD5\tservice=smtp'],
  ['another service', `PLAIN\tservice=imap\tresp=${plain('jane', 'right')}`],
  ['a line of 9,000 bytes', `PLAIN\tservice=smtp\tresp=${'A'.repeat(9_000)}`],
])('%s is not judged and not answered', async (_, rest) => {
  const { peer, attempts } = await door(() => ACCEPTED);
  peer.send(auth(1, rest));
  await peer.ended();
  expect(answers(peer)).toBe('');
  expect(attempts).toEqual([]);
});

test('a client that leaves in the middle costs nothing that lasts', async () => {
  const { peer } = await door(() => ACCEPTED);
  for (let id = 1; id <= 1_000; id += 1) peer.send(auth(id, 'LOGIN\tservice=smtp'));
  await peer.sees('CONT\t1000\t');
  peer.send(`CONT\t1000\t${b64('jane')}\nCANCEL\t1000\n`);
  // The oldest were forgotten: to go on with one is no longer possible.
  peer.send(`CONT\t1\t${b64('jane')}\n`);
  await peer.ended();
});

test('whatever is said, FAIL is said of rejections only', async () => {
  const word = fc.constantFrom('AUTH\t1\tPLAIN\tservice=smtp\tresp=', 'AUTH\t2\tLOGIN\tservice=smtp', 'CONT\t1\t', 'CONT\t2\t', plain('jane', 'right'), b64('jane'), '\n', '\n', 'CANCEL\t1', '\t', '\0', '=');
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.array(word, { maxLength: 30 }).map((words) => words.join('')), fc.string({ unit: 'binary', maxLength: 300 })), async (text) => {
      const { peer, clock } = await door(() => ACCEPTED);
      peer.send(`${text}\nAUTH\tx\n`);
      await settle();
      clock.advance(10_000);
      await peer.ended();
      expect(peer.all()).not.toContain('FAIL');
    }),
    { numRuns: 60 },
  );
});
