/** How rules say devices, times, counts and rows of the evidence. */
import { moment } from '#signin/locks/explain.ts';
import type { DoorEvidence, SignInEvidence } from '../screen/evidence.ts';

const SYSTEMS = /^(iPhone|iPad|Mac|Android|Windows|Linux|Chromebook), (.+)$/;

/** A guess as the subject of a sentence: `The iPhone (Mail)`, `Thunderbird`, `A browser`. */
export function named(guess: string): string {
  if (guess.startsWith('perhaps ')) {
    const name = named(guess.slice('perhaps '.length));
    return `Perhaps ${name.startsWith('The ') ? `the ${name.slice(4)}` : name}`;
  }
  const [, system, program] = SYSTEMS.exec(guess) ?? [];
  if (system !== undefined) return `The ${system} (${program})`;
  if (guess === '' || guess === 'not known') return 'A device that does not say what it is';
  return guess.charAt(0).toUpperCase() + guess.slice(1);
}

/** Within a sentence. */
export function namedWithin(guess: string): string {
  const name = named(guess);
  return /^(?:The|A|An|Perhaps) /.test(name) ? name.charAt(0).toLowerCase() + name.slice(1) : name;
}

export const count = (n: number, one: string, many = `${one}s`): string => `${n.toLocaleString('en')} ${n === 1 ? one : many}`;

/** `08:04`, or with its day where that is another than `now`'s. */
export function clockTime(ms: number, now: number): string {
  return [ms, now].every((time) => Math.abs(time) <= LAST_DATE) ? moment(ms, now, undefined) : 'an unknown time';
}

/** ECMA-262, 21.4.1.1. */
const LAST_DATE = 8.64e15;

const PROTOCOLS: Readonly<Record<string, string>> = { imap: 'IMAP', pop3: 'POP3', submission: 'sending', sieve: 'filters', webmail: 'webmail' };
export const protocolWord = (protocol: string): string => PROTOCOLS[protocol] ?? protocol;

const REASONS: Readonly<Record<string, string>> = {
  secret: 'wrong password', former: 'a password from before', revoked: 'an app password that was revoked', code: 'wrong code',
  pair: 'locked out', account: 'closed to networks that never signed in', spray: 'locked out: many login names from there', crowded: 'too many at once',
  scope: 'app password for something else', 'second-step': 'needs an app password', 'send-blocked': 'may not send', held: 'waited for the end of a move',
  platform: 'right password, the platform did not answer', 'no-service': 'right password, the platform does not offer it', 'in-use': 'right password, the mailbox was in use',
  'verifier-down': 'could not be checked', 'verifier-busy': 'could not be checked in time', 'verifier-unproven': 'could not be checked for sure',
};

/** One row of the sign-ins. */
export function signInLine({ protocol, network, deviceGuess, outcome, reason, times, firstAt, lastAt }: SignInEvidence, now: number): string {
  const how = outcome === 'accepted' ? 'signed in' : (REASONS[reason] ?? (reason === '' ? outcome : reason));
  const when = times === 1 ? `at ${clockTime(lastAt, now)}` : `${count(times, 'time')}, ${clockTime(firstAt, now)} to ${clockTime(lastAt, now)}`;
  return `${protocolWord(protocol)} from ${network}, ${deviceGuess}: ${how}, ${when}`;
}

const DOOR: Readonly<Record<string, string>> = {
  'old-tls': 'its encryption is too old', certificate: 'it did not take the certificate', 'no-tls': 'it did not begin encryption',
  'plain-text': 'it wanted to send the password unencrypted', 'unknown-name': 'a login name that nobody has',
};

export function doorLine({ network, fault, detail, times, firstAt, lastAt }: DoorEvidence, now: number): string {
  const when = times === 1 ? `at ${clockTime(lastAt, now)}` : `${count(times, 'time')}, ${clockTime(firstAt, now)} to ${clockTime(lastAt, now)}`;
  return `From ${network}: ${DOOR[fault] ?? fault}${detail === '' ? '' : ` (${detail})`}, ${when}`;
}
