/** Situations of sign-in: passwords, locks, states, devices that come no further than the door. */
import { changeState, createAppPassword, revokeAppPassword, setSecondStepEverywhere, turnSecondStepOn } from '../../src/directory/index.ts';
import type { AppScope } from '../../src/directory/account.ts';
import { randomUUID } from 'node:crypto';
import { acts } from '../../src/desk/acts/all.ts';
import { declareIncident } from '../../src/incident/declared/index.ts';
import { comes, deliver, distrustful, oldTls, open, openClear, pop3, submit, visit } from './client.ts';
import { RIGHT, until } from './house.ts';
import type { At, Situation } from './situation.ts';

const by = { actor: 'staff:ann', why: 'case 17' };
const NEXT = 'a quite new secret';

/** Wrong, and nobody else's: one secret on many accounts is what a sprayer sends. */
const wrong = (login: string, n = 0): string => `not ${n} of ${login}`;
const enters = async ({ house, login, phone }: At, program = phone, secret = RIGHT): Promise<void> => {
  if (!(await comes(house.ports['imaps']!, program, login, secret))) throw new Error(`${login} is not let in`);
};
const guesses = async ({ house, login }: At, program: At['phone'], times: number): Promise<void> => {
  for (let n = 1; n <= times; n += 1) await comes(house.ports['imaps']!, program, login, wrong(login, n));
};
const changes = async ({ house, id }: At): Promise<void> => {
  const changed = await until('the password is changed', () => house.secrets.set(id, NEXT, { by, act: 'account.secret-reset' }));
  if (changed.outcome === 'changed') await house.heard(changed.change);
};
const sets = async ({ house, id }: At, state: 'closed' | 'suspended' | 'send-blocked'): Promise<unknown> => house.store.transaction((tx) => changeState(tx, id, state, { by, facts: house.facts }));
const appPassword = ({ house, id }: At, scope: readonly AppScope[]) => house.store.transaction((tx) => createAppPassword(tx, id, { label: 'phone', scope, by, facts: house.facts }));
/** Heard of by the instance: the attempt comes again until it is answered as it then must be. */
const reached = (what: string, look: () => Promise<boolean>): Promise<true> => until(what, async () => ((await look()) ? true : undefined), 300);

export const SIGN_INS: readonly Situation[] = [
  {
    name: 'the phone has the old password, the laptop the new one', rule: 'old-password', line: /^The iPhone \(Mail\) still has the old password: \d tr(?:y|ies) since .*; Thunderbird works\.$/, ours: true,
    async happens(at) {
      await enters(at);
      await changes(at);
      await enters(at, at.laptop, NEXT);
      for (let n = 0; n < 3; n += 1) await visit(at.house.ports['imaps']!, at.phone, at.login, RIGHT);
    },
  },
  {
    name: 'the password was changed a moment ago, and the phone has not come since', rule: 'password-changed', line: /thunderbird has signed in since, the iPhone \(Mail\) has not/i, ours: true,
    async happens(at) {
      await enters(at);
      await changes(at);
      await enters(at, at.laptop, NEXT);
    },
  },
  {
    name: 'the customer mistypes at home', rule: 'wrong-password', line: /sends a wrong password: \d tr(?:y|ies)/, ours: true,
    async happens(at) {
      await enters(at, at.laptop);
      await guesses(at, { ...at.phone, from: at.laptop.from }, 2);
    },
  },
  {
    name: 'the customer mistyped, and is in again from the same phone while the technician looks', rule: 'all-well', line: /the iPhone \(Mail\) signed in at .*, and what was refused today is over/, ours: true,
    async happens(at) {
      await enters(at);
      await guesses(at, at.phone, 2);
      await enters(at);
    },
  },
  {
    name: 'the platform says that the password is wrong, and nothing ever signed in', rule: 'wrong-password', line: /nothing has ever signed in/,
    happens: (at) => guesses(at, at.phone, 1),
  },
  {
    name: 'a stranger guesses and is locked out', rule: 'stranger-locked', line: /is locked out until .* after 6 different wrong passwords; .*not; the iPhone \(Mail\) works\.$/, ours: true,
    async happens(at) {
      await enters(at);
      await guesses(at, at.stranger, 6);
    },
  },
  {
    name: 'a stranger guesses, and locks nothing yet', rule: 'guessed', line: /wrong password \d times?,/, ours: true,
    async happens(at) {
      await enters(at);
      await guesses(at, at.stranger, 2);
    },
  },
  {
    name: 'the customer’s own phone is locked out in a hotel', rule: 'own-device-locked', line: /^The iPhone \(Mail\) at 127\.\S+ is locked out until .*6 different wrong passwords/, ours: true,
    async happens(at) {
      await enters(at);
      await guesses(at, at.away, 6);
    },
  },
  {
    // By its secret: this machine's networks are shared ranges, which are never stopped as networks.
    name: 'one password is tried on many accounts, this one among them', rule: 'sprayed-network', line: /tries passwords on many accounts; strangers from there are stopped/, ours: true,
    async happens(at) {
      await Promise.all(Array.from({ length: 12 }, (_, n) => comes(at.house.ports['imaps']!, at.stranger, `nobody${n}.${at.login}`, 'Summer 2026!')));
      await visit(at.house.ports['imaps']!, at.stranger, at.login, 'Summer 2026!');
    },
  },
  {
    name: 'a stranger guessed and was locked out, and a technician unlocked', rule: 'guessed', line: /wrong password 6 times/, ours: true,
    async happens(at) {
      await enters(at);
      await guesses(at, at.stranger, 6);
      await until('the lock is on the screen', async () => ((await at.house.look(at.id)).locks.networks.some(({ lockedUntil }) => lockedUntil !== undefined) ? true : undefined));
      await at.house.store.transaction((tx) => acts.unlock.run(tx, at.id, { why: 'case 17' }, by, { facts: at.house.facts } as never));
      const { locks } = (await at.house.look(at.id));
      if (locks.networks.length > 0 || locks.inWords.length > 0) throw new Error(`unlocked, and the screen says: ${locks.inWords.join(' ')}`);
    },
  },
  {
    // A hundred different ones, of seventeen networks: each is locked by itself after its sixth.
    name: 'a botnet guesses, so that only places that are known get in', rule: 'closed-to-strangers', line: /different wrong passwords came since .*; the iPhone \(Mail\) works\.$/, ours: true,
    async happens(at) {
      await enters(at);
      await Promise.all(Array.from({ length: 21 }, async (_, n) => {
        for (let i = 0; i < 5; i += 1) await comes(at.house.ports['imaps']!, { from: at.stranger.from.replace(/\d+$/, String(100 + n)) }, at.login, wrong(at.login, n * 5 + i), 4);
      }));
    },
  },
  {
    name: 'attached to an incident that a person declared', rule: 'known-incident', line: /belongs to the incident "Slow webmail", which began at .* and is investigating/,
    async happens(at) {
      await enters(at);
      const incident = randomUUID();
      await at.house.store.transaction(async (tx) => {
        await declareIncident(tx, { id: incident, title: 'Slow webmail', components: ['webmail'], impact: 'minor', public: false, state: 'investigating', text: 'We look into it.', by: 'staff:carla' });
        await acts['attach-incident'].run(tx, at.id, { why: 'case 17', incident }, by, { facts: at.house.facts } as never);
      });
    },
  },
  { name: 'no password was ever set with us', rule: 'no-password-held', line: /^No password is set for the account with us/, ours: true, noHash: true, happens: (at) => visit(at.house.ports['imaps']!, at.phone, at.login, RIGHT) },
  { name: 'the account is closed', rule: 'closed', async happens(at) { await enters(at); await sets(at, 'closed'); await visit(at.house.ports['imaps']!, at.phone, at.login, RIGHT); } },
  { name: 'the account is suspended', rule: 'suspended', async happens(at) { await enters(at); await sets(at, 'suspended'); } },
  {
    name: 'the account may not send', rule: 'send-blocked', line: /it tried to/,
    async happens(at) {
      await enters(at);
      await sets(at, 'send-blocked');
      await reached('sending is blocked', async () => !(await submit(at.house.ports['submissions']!, at.phone, at.login, RIGHT)).startsWith('235'));
    },
  },
  {
    name: 'the check of passwords is down', rule: 'sign-in-down', line: /cannot be checked at judge/, home: 'judge',
    async happens(at) {
      at.house.verifier.set('down');
      await visit(at.house.ports['imaps']!, at.phone, at.login, RIGHT);
    },
  },
  {
    name: 'a wrong password while the check is down: nobody is blamed', rule: 'sign-in-down', line: /nobody can say/, home: 'judge',
    async happens(at) {
      at.house.verifier.set('down');
      await visit(at.house.ports['imaps']!, at.phone, at.login, wrong(at.login));
    },
  },
  {
    name: 'the check of passwords was down, and works again; the phone has not come since', rule: 'outage-over', line: /^Until .* passwords could not be checked at mended; that works again\. The iPhone \(Mail\) has not come since\.$/, home: 'mended',
    async happens(at) {
      at.house.mended.set('down');
      await visit(at.house.ports['imaps']!, at.phone, at.login, RIGHT);
      await until('it is on the screen', async () => ((await at.house.look(at.id)).signIns.some(({ reason }) => reason === 'verifier-down') ? true : undefined));
      at.house.mended.set('well');
      await reached('it works again', () => visit(at.house.ports['imaps']!, at.laptop, at.login, RIGHT));
    },
  },
  {
    name: 'an app password for another use', rule: 'app-password-scope', line: /is not for IMAP/, ours: true,
    async happens(at) {
      const { secret } = await appPassword(at, ['submission']);
      await visit(at.house.ports['imaps']!, at.phone, at.login, secret);
    },
  },
  {
    name: 'an app password that was revoked', rule: 'old-app-password', line: /still has an app password that was revoked at/, ours: true,
    async happens(at) {
      const { id, secret } = await appPassword(at, ['imap']);
      await enters(at, at.phone, secret);
      const { change } = await at.house.store.transaction((tx) => revokeAppPassword(tx, at.id, id, by));
      await at.house.heard(change);
      await visit(at.house.ports['imaps']!, at.phone, at.login, secret);
    },
  },
  {
    name: 'a second step that mail programs cannot show', rule: 'app-password-needed', line: /right password, but .* app password/, ours: true,
    async happens(at) {
      await at.house.store.transaction(async (tx) => {
        await turnSecondStepOn(tx, at.id, { sealed: Buffer.alloc(48, 7), step: 0 }, by);
        await setSecondStepEverywhere(tx, at.id, true, by);
      });
      await reached('the second step is asked for', async () => !(await visit(at.house.ports['imaps']!, at.phone, at.login, RIGHT)));
    },
  },
  { name: 'POP3, which the platform does not offer', rule: 'protocol-off', line: /bare does not offer POP3/, home: 'bare', ours: true, happens: async (at) => (await pop3(at.house.ports['pop3s']!, at.phone, at.login, RIGHT)).peer.socket.destroy() },
  {
    name: 'two POP3 programs at once', rule: 'in-use', ours: true,
    async happens(at) {
      const first = await pop3(at.house.ports['pop3s']!, at.laptop, at.login, RIGHT);
      if (!first.answer.startsWith('+OK')) throw new Error(first.answer);
      (await pop3(at.house.ports['pop3s']!, at.phone, at.login, RIGHT)).peer.socket.destroy();
      first.peer.socket.destroy();
    },
  },
  { name: 'a device with too old a TLS', rule: 'old-tls', line: /too old for our encryption/, async happens(at) { await enters(at); await oldTls(at.house.ports['imaps']!, at.phone); } },
  { name: 'a device that asks for another server’s name', rule: 'wrong-host', line: /asks for the server mail\.former\.example/, async happens(at) { await enters(at); await distrustful(at.house.ports['imaps']!, at.phone, 'mail.former.example'); } },
  {
    name: 'a device that sends its password in clear', rule: 'plain-text', line: /does not encrypt \(IMAP\)/,
    async happens(at) {
      await enters(at);
      const peer = openClear(at.house.ports['imap']!, at.phone);
      await peer.sees('ready.\r\n');
      peer.send(`a LOGIN "${at.login}" "${RIGHT}"\r\n`);
      await peer.sees('PRIVACYREQUIRED');
      peer.socket.destroy();
    },
  },
  { name: 'a login name that nobody has', rule: 'unknown-name', line: /a name that nobody has/, async happens(at) { await enters(at); await visit(at.house.ports['imaps']!, at.phone, `x${at.login}`, wrong(at.login)); } },
  { name: 'nothing ever came', rule: 'never-signed-in', happens: async () => {} },
  {
    name: 'a complaint of what is not ours to see: the mail is there, and the program does not show it', rule: 'all-well', line: /^Everything is fine as far as we see/,
    async happens(at) {
      await enters(at);
      await deliver(at.house.ports['lmtp']!, at.login);
    },
  },
  { name: 'everything is fine', rule: 'all-well', line: /the iPhone \(Mail\) signed in/, happens: (at) => enters(at) },
];

/** As a mail program says it that knows of no encoding but Western Europe's. */
async function inLatin1({ house, login, phone }: At, secret: string): Promise<void> {
  const peer = open(house.ports['pop3s']!, phone);
  await peer.sees('ready.\r\n');
  peer.socket.write(`USER ${login}\r\n`);
  await peer.sees('+OK');
  peer.socket.write(Buffer.from(`PASS ${secret}\r\n`, 'latin1'));
  await peer.sees('-ERR');
  peer.socket.destroy();
}

/** Outside every rule: what is refused has a reason that no rule reads, or nothing is known of the day. */
export const NOT_KNOWN: readonly Situation[] = [
  { name: 'a platform whose word cannot be asked for', rule: 'not-known', home: 'bare', happens: (at) => visit(at.house.ports['imaps']!, at.phone, at.login, RIGHT) },
  { name: 'a program that sends its password in an encoding of before', rule: 'not-known', ours: true, happens: (at) => inLatin1(at, 'contrase\u00f1a') },
  {
    name: 'a program that speaks garbage where the password belongs, and another that works', rule: 'not-known',
    async happens(at) {
      await enters(at, at.laptop);
      const peer = open(at.house.ports['imaps']!, at.phone);
      await peer.sees('ready.\r\n');
      peer.send(`a LOGIN "${at.login}" {8}\r\n`);
      await peer.sees('+ ');
      peer.socket.write(Buffer.from([0xff, 0xfe, 0x80, 0x4e, 0xc0, 0xaf, 0xf5, 0x81, 0x0d, 0x0a]));
      await peer.sees('a NO');
      peer.socket.destroy();
    },
  },
  {
    name: 'strangers have guessed so much that the platform is not asked about a new device', rule: 'not-known',
    async happens(at) {
      const { secret } = await appPassword(at, ['imap']);
      await enters(at, at.laptop, secret);
      await Promise.all(Array.from({ length: 5 }, (_, n) => visit(at.house.ports['imaps']!, { from: at.stranger.from.replace(/\d+$/, String(100 + n)) }, at.login, wrong(at.login, n))));
      await visit(at.house.ports['imaps']!, { ...at.phone, from: at.laptop.from }, at.login, RIGHT);
    },
  },
  // By a later clock: that nothing comes for three days cannot be done in one.
  { name: 'nothing came for three days, and what came last was fine', rule: 'not-known', laterMs: 72 * 3_600_000, happens: (at) => enters(at) },
];
