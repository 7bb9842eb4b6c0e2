/** That nothing which is over is told as if it stood, and nothing that stands as if it were over. */
import { expect, test } from 'vitest';
import type { Evidence, SignInEvidence } from '../screen/evidence.ts';
import { diagnose } from './diagnose.ts';
import { evidenceWith, HOUR, NOW, refused, signIn } from './evidence.testing.ts';

const MINUTE = 60_000;
const at = (minutes: number): number => NOW - minutes * MINUTE;
const ruleOf = (over: Partial<Evidence>): string => diagnose(evidenceWith(over), NOW).rule;
const lineOf = (over: Partial<Evidence>): string => diagnose(evidenceWith(over), NOW).line;
const who = (over: Partial<Evidence['who']>): Evidence['who'] => ({ ...evidenceWith().who, ...over });
const waiting = (reason: SignInEvidence['reason'], minutes: number, over: Partial<SignInEvidence> = {}): SignInEvidence => refused(reason, { outcome: 'waiting', firstAt: at(minutes), lastAt: at(minutes), ...over });
const in_ = (minutes: number, over: Partial<SignInEvidence> = {}): SignInEvidence => signIn({ lastAt: at(minutes), ...over });

test.each([
  ['platform-down', 'platform', 'way'],
  ['sign-in-down', 'verifier-down', 'check'],
  ['sign-in-down', 'verifier-busy', 'check'],
  ['our-trouble', 'store', 'ours'],
  ['our-trouble', 'overload', 'ours'],
] as const)('%s (%s) goes as soon as it is seen to work, and stands until then', (rule, reason, by) => {
  // The home is asked after the secret was judged, so there is an acceptance with each refusal of its.
  const judged = (minutes: number): SignInEvidence => in_(reason === 'platform' ? minutes : 600);
  const signIns = [waiting(reason, 20), judged(20)];
  expect(ruleOf({ signIns })).toBe(rule);
  expect(ruleOf({ signIns, back: { [by]: at(21) } }), 'it worked before').toBe(rule);
  expect(ruleOf({ signIns, back: { [by]: at(19) } })).toBe('outage-over');
  expect(lineOf({ signIns, back: { [by]: at(19) } })).toMatch(/works again\. The iPhone \(Mail\) has not come since/);
  for (const other of ['way', 'check', 'ours'] as const) if (other !== by) expect(ruleOf({ signIns, back: { [other]: at(1) } }), other).toBe(rule);
  expect(ruleOf({ signIns: [...signIns.slice(0, 1), in_(5)], back: { [by]: at(19) } }), 'and it came in').toBe('all-well');
  // In vain once more, after others got in: this account's own trouble.
  expect(ruleOf({ signIns: [waiting(reason, 2), judged(2)], back: { [by]: at(19) } })).toBe(rule);
});

test('an outage at the home that it left is not the new home’s', () => {
  const receipt = { moveId: 1, at: at(10), source: 'old', target: 'new', mailboxes: 1, messages: 1, bytes: 1, readBack: 'all', unfenced: false, refused: [] } as Evidence['receipt'] & object;
  for (const reason of ['platform', 'no-service', 'in-use'] as const) {
    const signIns = [waiting(reason, 20, { protocol: 'pop3' }), in_(20, { protocol: 'pop3' })];
    expect(ruleOf({ signIns, who: who({ home: 'new' }) })).not.toBe('moved-lately');
    expect(ruleOf({ signIns, who: who({ home: 'new' }), receipt, uidls: [{ platform: 'new', epoch: 1, kept: 1, marked: false }] }), reason).toBe('moved-lately');
    const back = { id: 1, source: 'new', target: 'old', state: 'moved', back: 'without', messages: 0, bytes: 0, copiedMessages: 0, copiedBytes: 0, backedOut: 0, requestedAt: at(30), endedAt: at(10) } as const;
    expect(ruleOf({ signIns, move: { ...evidenceWith().move, moves: [back] } }), reason).toBe('rolled-back');
  }
});

test('what a state or a second step stopped is no riddle once that is lifted', () => {
  for (const state of ['suspended', 'closed', 'send-blocked'] as const) {
    const signIns = [refused(state, { outcome: 'stopped' }), in_(60)];
    expect(ruleOf({ signIns, who: who({ state }) })).toBe(state);
    expect(ruleOf({ signIns }), `${state}, and opened again`).toBe('all-well');
  }
  const signIns = [refused('second-step', { outcome: 'app-password-needed', lastAt: at(30) }), in_(60, { protocol: 'webmail' })];
  expect(ruleOf({ signIns, who: who({ secondStep: { everywhere: true } }) })).toBe('app-password-needed');
  expect(ruleOf({ signIns, who: who({ secondStep: { everywhere: false } }) })).toBe('all-well');
});

test('a wrong password of before the last change says nothing of the one after', () => {
  const signIns = [refused('secret', { lastAt: at(60) }), in_(120)];
  expect(ruleOf({ signIns })).toBe('wrong-password');
  expect(ruleOf({ signIns, who: who({ secretChangedAt: at(30) }) })).toBe('password-changed');
  expect(ruleOf({ signIns, who: who({ secretChangedAt: at(90) }) })).toBe('wrong-password');
});

test('a code is wrong until one is right, however often the password is', () => {
  const webmail = { protocol: 'webmail', device: 'Mozilla/5.0' } as const;
  const signIns = [refused('code', { ...webmail, lastAt: at(5) }), signIn({ ...webmail, outcome: 'code-asked', lastAt: at(3) })];
  expect(ruleOf({ signIns })).toBe('code-wrong');
  expect(ruleOf({ signIns: [...signIns, in_(1, { ...webmail, means: 'code' })] })).toBe('all-well');
});

test('no password that can be checked: until one is set', () => {
  const signIns = [waiting('no-hash', 20), in_(600)];
  const ours = { authority: 'ours', hashHeld: false };
  expect(lineOf({ signIns, who: who(ours) })).toMatch(/^No password is set/);
  expect(lineOf({ signIns, who: who({ ...ours, hashHeld: true }) })).toMatch(/in a form that we cannot check/);
  const changes = [{ at: at(10), actor: 'staff:ada', act: 'account.secret-reset' }];
  expect(ruleOf({ signIns, who: who({ ...ours, hashHeld: true }), changes })).toBe('all-well');
});

test('moments are over after a moment: a hold, a crowd, what a platform is spared', () => {
  for (const [reason, rule, minutes] of [['held', 'in-hold', 1], ['crowded', 'not-known', 1], ['budget', 'not-known', 9]] as const) {
    expect(ruleOf({ signIns: [waiting(reason, minutes), in_(60)] }), reason).toBe(rule);
    expect(ruleOf({ signIns: [waiting(reason, 12), in_(60)] }), `${reason}, later`).toBe('all-well');
  }
});

test('a spray is told while it goes on', () => {
  const spray = (minutes: number): SignInEvidence => refused('spray', { outcome: 'locked', lastAt: at(minutes), network: '198.51.100.9' });
  const locks = { distinct: 0, ceiling: 100, inWords: [], networks: [{ network: '198.51.100.9', known: false, wrong: 0, since: 0, lastAt: 0, stale: { times: 0, since: 0 }, sprayingUntil: NOW + HOUR }] };
  expect(ruleOf({ signIns: [spray(30), in_(5)] })).toBe('sprayed-network');
  expect(ruleOf({ signIns: [spray(90), in_(5)], locks })).toBe('sprayed-network');
  expect(ruleOf({ signIns: [spray(90), in_(5)] })).toBe('all-well');
});

test('a fault at the door is over when a new device came in from there, or when it stays away and others do not', () => {
  for (const [fault, rule] of [['old-tls', 'old-tls'], ['certificate', 'wrong-host'], ['plain-text', 'plain-text'], ['unknown-name', 'unknown-name']] as const) {
    const door = (minutes: number): Evidence['door'] => [{ network: '192.0.2.1', fault, detail: '', times: 3, firstAt: at(200), lastAt: at(minutes) }];
    expect(ruleOf({ door: door(20), signIns: [in_(1)] }), `${rule}: another device of the same place goes on`).toBe(rule);
    expect(ruleOf({ door: door(20), signIns: [in_(1, { device: 'new', firstAt: at(10) })] })).toBe('all-well');
    expect(ruleOf({ door: door(120), signIns: [in_(60)] })).toBe('all-well');
    expect(ruleOf({ door: door(120), signIns: [in_(200)] }), `${rule}: nothing came from there since`).toBe(rule);
  }
});

test('a mailbox that takes mail again is full no more', () => {
  const full = { platform: 'old', outcome: 'deferred', reason: '452 4.2.2 Mailbox full', times: 3, firstAt: at(90), lastAt: at(20) } as const;
  const delivered = { platform: 'old', outcome: 'delivered', reason: '', times: 1, firstAt: at(600) } as const;
  expect(ruleOf({ deliveries: [full, { ...delivered, lastAt: at(30) }] })).toBe('mailbox-full');
  expect(ruleOf({ deliveries: [{ ...delivered, lastAt: at(10) }, full] })).toBe('all-well');
});

test('"nothing was refused" is said only where nothing was', () => {
  expect(lineOf({ signIns: [in_(1)] })).toMatch(/and nothing was refused\.$/);
  expect(lineOf({ signIns: [in_(1), refused('secret', { lastAt: at(5) })] })).toMatch(/what was refused today is over\.$/);
});

test('mail that was given up is told of for a month, and then other things are again', () => {
  const loss = (days: number): Evidence['move'] => ({ ...evidenceWith().move, loss: { platform: 'dead', followedAt: 0, at: 1, givenUpAt: NOW - days * 24 * HOUR } });
  expect([ruleOf({ move: loss(29) }), ruleOf({ move: loss(31) })]).toEqual(['mail-missing', 'all-well']);
});
