import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { APP_SCOPES } from '#directory/account.ts';
import { ACTS } from '#staff/acts.ts';
import type { Evidence, SignInEvidence } from '../screen/evidence.ts';
import { NOT_KNOWN } from './api.ts';
import { diagnose } from './diagnose.ts';
import { evidenceWith, HOUR, NOW, refused, signIn } from './evidence.testing.ts';
import { STATES, TROUBLES } from './order.ts';

const ruleOf = (over: Partial<Evidence>): string => diagnose(evidenceWith(over), NOW).rule;
const webmail = signIn({ protocol: 'webmail', device: 'Mozilla/5.0', deviceGuess: 'a browser' });

test('the line says device, how often, since when, and what works', () => {
  const stale = [refused('former', { times: 200 }), refused('former', { protocol: 'submission', deviceGuess: 'perhaps iPhone, Mail', device: '', times: 14 })];
  const verdict = diagnose(evidenceWith({ signIns: [...stale, webmail] }), NOW);
  expect(verdict.line).toMatch(/^The iPhone \(Mail\) still has the old password: 214 tries since \d\d:\d\d; webmail works\.$/);
  expect(verdict).toMatchObject({ rule: 'old-password', next: { act: 'account.device-settings' } });
});

test('an outage beats a stale password, and a closed account beats an outage', () => {
  const signIns = [refused('former'), refused('verifier-down', { outcome: 'waiting', device: 'Thunderbird 128' })];
  expect(ruleOf({ signIns })).toBe('sign-in-down');
  expect(ruleOf({ signIns, who: { ...evidenceWith().who, state: 'closed' } })).toBe('closed');
});

test('what a program does after it is right again is over; where two may be behind one address, an hour later', () => {
  const wrong = (device: string) => refused('former', { device, lastAt: NOW - HOUR / 2 });
  expect(ruleOf({ signIns: [signIn({ lastAt: NOW - HOUR / 4 }), wrong('iPhone Mail 22')] })).toBe('all-well');
  expect(ruleOf({ signIns: [signIn({ device: '', lastAt: NOW - HOUR / 4 }), wrong('')] })).toBe('old-password');
  expect(ruleOf({ signIns: [signIn({ device: '', lastAt: NOW + HOUR }), wrong('')] })).toBe('all-well');
});

test('strangers blame nobody: their wrong passwords are not the customer’s', () => {
  const stranger = refused('secret', { network: '198.51.100.9', device: '' });
  expect(ruleOf({ signIns: [signIn(), stranger] })).toBe('guessed');
  expect(ruleOf({ signIns: [stranger] })).toBe('wrong-password');
  const network = { network: '198.51.100.9', known: false, wrong: 6, since: NOW - HOUR, lastAt: NOW, stale: { times: 0, since: 0 }, lockedUntil: NOW + HOUR };
  const locks = { distinct: 6, ceiling: 100, networks: [network], inWords: [] };
  expect(ruleOf({ signIns: [signIn(), stranger], locks })).toBe('stranger-locked');
  expect(ruleOf({ signIns: [signIn(), { ...stranger, device: 'iPhone Mail 22' }], locks })).toBe('own-device-locked');
});

test('a refusal that no rule knows is not called well', () => {
  expect(ruleOf({ signIns: [refused('undecodable', { outcome: 'waiting', protocol: 'pop3' }), signIn()] })).toBe(NOT_KNOWN);
  expect(ruleOf({ signIns: [signIn({ lastAt: NOW - 30 * HOUR })] })).toBe(NOT_KNOWN);
});

const time = fc.oneof(fc.integer({ min: NOW - 40 * 24 * HOUR, max: NOW + HOUR }), fc.constantFrom(0, NOW, 1e300));
const text = fc.string({ maxLength: 20 });
const REASONS: SignInEvidence['reason'][] = ['', 'secret', 'former', 'revoked', 'code', 'platform', 'no-service', 'pair', 'account', 'spray', 'crowded', 'scope', 'second-step', 'send-blocked', 'held', 'in-use', 'store', 'no-hash', 'verifier-down', 'deadline', 'undecodable', 'internal'];
const signInRow = fc
  .record({
    protocol: fc.constantFrom('imap', 'pop3', 'submission', 'webmail', 'x'), network: fc.constantFrom('192.0.2.1', '192.0.2.2', 'elsewhere'), device: fc.constantFrom('', 'iPhone Mail 22', 'x'),
    deviceGuess: fc.oneof(fc.constantFrom('iPhone, Mail', 'perhaps iPhone, Mail', 'a browser', 'not known', ''), text), reason: fc.constantFrom(...REASONS), times: fc.nat(), firstAt: time, lastAt: time,
  })
  // As the product writes it: only what was checked and wrong is `rejected`.
  .map((row): SignInEvidence => ({ ...row, means: 'none', outcome: row.reason === '' ? 'accepted' : ['secret', 'former', 'revoked', 'code'].includes(row.reason) ? 'rejected' : 'waiting' }));
const move = fc.record({
  id: fc.nat(), source: fc.constant('old'), target: fc.constant('new'), state: fc.constantFrom('queued', 'copying', 'following', 'held', 'moved', 'failed', 'cancelled'), messages: fc.nat(), bytes: fc.nat(),
  copiedMessages: fc.nat(), copiedBytes: fc.nat(), backedOut: fc.nat({ max: 2 }), requestedAt: time, back: fc.constantFrom(undefined, 'following', 'asked', 'without', 'merging'), failure: fc.constantFrom(undefined, 'quota', 'uidl', 'content'), error: fc.option(text, { nil: undefined }), endedAt: fc.option(time, { nil: undefined }),
});
const evidences = fc.record({
  at: time,
  who: fc.record({
    id: fc.nat(), address: text, phones: fc.constant([]), loginNames: fc.array(text), recipients: fc.constant([]), state: fc.constantFrom('active', 'suspended', 'send-blocked', 'closed'), home: fc.constantFrom('old', 'new'), authority: fc.constantFrom('old', 'ours'), epoch: fc.nat(), credentialVersion: fc.nat(), hashHeld: fc.boolean(), passkeys: fc.nat(), webSessions: fc.nat(),
    appPasswords: fc.array(fc.record({ id: fc.nat(), label: text, scope: fc.subarray([...APP_SCOPES]), createdAt: time })), secretChangedAt: fc.option(time, { nil: undefined }), secondStep: fc.option(fc.record({ everywhere: fc.boolean() }), { nil: undefined }),
  }),
  move: fc.record({
    phase: fc.constantFrom('settled', 'copying', 'following', 'held'), moves: fc.array(move, { maxLength: 3 }), refused: fc.array(fc.record({ mailbox: text, bytes: fc.nat(), failure: fc.constantFrom('content', 'too-big'), reason: text, decided: fc.boolean() }), { maxLength: 2 }), refusedTotal: fc.nat(),
    loss: fc.option(fc.record({ platform: text, followedAt: time, at: time, mergedAt: fc.option(time, { nil: undefined }), givenUpAt: fc.option(time, { nil: undefined }) }), { nil: undefined }),
    wave: fc.option(fc.record({ plan: text, planState: fc.constantFrom('ready', 'running', 'paused', 'done'), source: fc.constant('old'), target: fc.constant('new'), number: fc.nat(), name: text, state: fc.constantFrom('pending', 'running', 'done') }), { nil: undefined }),
    forecast: fc.option(fc.record({ fromAt: time, toAt: time, madeAt: time, basis: text }), { nil: undefined }),
  }),
  signIns: fc.array(signInRow, { maxLength: 6 }),
  locks: fc.record({
    distinct: fc.nat(), ceiling: fc.constant(100), inWords: fc.array(text), closed: fc.option(fc.record({ since: time, until: time }), { nil: undefined }),
    networks: fc.array(fc.record({ network: fc.constantFrom('192.0.2.1', '192.0.2.2'), known: fc.boolean(), wrong: fc.integer({ min: 1, max: 100 }), since: time, lastAt: time, stale: fc.record({ times: fc.nat(), since: time }), lockedUntil: fc.option(time, { nil: undefined }), sprayingUntil: fc.option(time, { nil: undefined }) }), { maxLength: 2 }),
  }),
  door: fc.array(fc.record({ network: text, fault: fc.constantFrom('old-tls', 'certificate', 'no-tls', 'plain-text', 'unknown-name'), detail: text, times: fc.nat(), firstAt: time, lastAt: time }), { maxLength: 2 }),
  receipt: fc.option(fc.record({ moveId: fc.nat(), at: time, source: fc.constant('old'), target: fc.constant('new'), mailboxes: fc.nat(), messages: fc.nat(), bytes: fc.nat(), readBack: fc.constant('all'), unfenced: fc.boolean(), refused: fc.array(fc.record({ failure: text, messages: fc.nat() })) }), { nil: undefined }),
  uidls: fc.array(fc.record({ platform: fc.constant('new'), epoch: fc.nat(), kept: fc.nat(), marked: fc.boolean() }), { maxLength: 1 }),
  deliveries: fc.array(fc.record({ platform: text, outcome: fc.constantFrom('delivered', 'held', 'deferred', 'refused'), reason: fc.oneof(text, fc.constant('452 4.2.2 full')), times: fc.nat(), firstAt: time, lastAt: time }), { maxLength: 3 }),
  incidents: fc.array(fc.record({ seen: fc.constant('people'), id: text, title: text, components: fc.constant([]), state: fc.constantFrom('identified', 'resolved'), impact: text, beganAt: time, attached: fc.boolean() }), { maxLength: 1 }),
  cases: fc.constant([]),
  changes: fc.array(fc.record({ at: time, actor: text, act: fc.constantFrom('account.state-set', 'account.app-password-revoked'), why: fc.option(text, { nil: undefined }) }), { maxLength: 2 }),
}) as unknown as fc.Arbitrary<Evidence>;

/** Words that put a password in the wrong. */
const BLAMES = /wrong password|old password|not the right one|has an app password that was revoked/i;

test('it never throws, and calls a password wrong only where a check that was completed said so', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(evidences, (evidence) => {
      const before = JSON.stringify(evidence);
      const { rule, line, say, next, evidence: lines } = diagnose(evidence, NOW);
      seen.add(rule);
      expect(JSON.stringify(evidence)).toBe(before);
      expect(lines.length).toBeLessThanOrEqual(8);
      expect(line.length * say.length * next.text.length).toBeGreaterThan(0);
      if (next.act !== undefined) expect(ACTS).toHaveProperty([next.act]);
      const checked = evidence.signIns.some(({ outcome }) => outcome === 'rejected') || evidence.locks.networks.length > 0 || evidence.locks.closed !== undefined;
      if (BLAMES.test(line) || BLAMES.test(say)) expect(checked, `${rule}: ${line}`).toBe(true);
    }),
    { numRuns: 1_000 },
  );
  expect(seen.size).toBeGreaterThan(25);
});

test('what strangers and customers named can turn no line round, break none, and make none endless', () => {
  const nasty = `\u202e\u2066<img src=x onerror=1>\r\n\u0000${'x'.repeat(10_000)}`;
  const signIns = [refused('former', { device: nasty, deviceGuess: nasty, network: '198.51.100.9' }), signIn({ deviceGuess: nasty, device: nasty })];
  const incident = { seen: 'people', id: nasty, title: nasty, components: [], state: nasty, impact: nasty, beganAt: NOW, attached: true } as const;
  const full = { platform: nasty, outcome: 'deferred', reason: `452 4.2.2 ${nasty}`, times: 1, firstAt: NOW, lastAt: NOW } as const;
  const refusals = [{ mailbox: nasty, bytes: 1, failure: 'content', reason: nasty, decided: false }] as const;
  const failed = { id: 1, source: nasty, target: nasty, state: 'failed', messages: 1, bytes: 1, copiedMessages: 0, copiedBytes: 0, backedOut: 0, requestedAt: NOW, error: nasty } as const;
  for (const over of [{ signIns }, { incidents: [incident] }, { deliveries: [full] }, { move: { phase: 'settled', moves: [failed], refused: refusals, refusedTotal: 1 } }, {}] satisfies Partial<Evidence>[]) {
    const { line, say, next, evidence } = diagnose(evidenceWith({ ...over, who: { ...evidenceWith().who, home: nasty, address: nasty } }), NOW);
    for (const shown of [line, say, next.text, ...evidence]) {
      expect(shown).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(shown.length).toBeLessThanOrEqual(600);
    }
  }
});

test('docs/verdicts.md is the table of rules', () => {
  const page = join(import.meta.dirname, '../../../docs/verdicts.md');
  const rows = (rules: typeof TROUBLES): string => rules.map(({ name, when }) => `| \`${name}\` | ${when} |`).join('\n');
  const head = '| rule | it fits when |\n| --- | --- |';
  const order = /^ \* (Why in this order:[^]*?)\n \*\/$/m.exec(readFileSync(join(import.meta.dirname, 'order.ts'), 'utf8'))![1]!.replaceAll(/^ \* ?/gm, '');
  const wanted = `# What the verdict line says

<!-- Made from src/desk/verdicts/order.ts: CAUSEWAY_DOCS=write npx vitest run src/desk/verdicts/diagnose.test.ts -->

A technician with a caller on the phone reads one line first. It is made by rules (\`src/desk/verdicts/rules\`, one file each) from what is known of the account (\`src/desk/screen/evidence.ts\`), and from nothing else: no platform is asked. The first rule that fits gives the line, the one best next step, a sentence to say, and what it was concluded from. With no rule that fits it says that it does not know. A password is called wrong only where a check that was completed said so. \`test/situations.test.ts\` produces forty situations for real and reads the line.

${order}

## Something is the matter

${head}
${rows(TROUBLES)}

## Nothing has to be done

Asked only where nothing was refused that no rule above explains.

${head}
${rows(STATES)}

\`${NOT_KNOWN}\`: none of them fits.
`;
  if (process.env['CAUSEWAY_DOCS'] === 'write') writeFileSync(page, wanted);
  expect(readFileSync(page, 'utf8'), 'docs/verdicts.md is out of date').toBe(wanted);
  const names = [...TROUBLES, ...STATES].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
