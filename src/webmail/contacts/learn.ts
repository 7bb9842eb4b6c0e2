/**
 * Learns to whom an account writes, from what it sends.
 *
 * Invariants: a message that was sent is sent: nothing here delays or fails it. An account's own addresses are not learnt,
 * nor a message with more recipients than a person writes by hand.
 */
import { CausewayError } from '#errors/index.ts';
import type { Store } from '#store/index.ts';
import type { SmtpEnvelope } from '../mail-access.ts';
import { parseAddresses } from '../mime/addresses.ts';
import { bodyStart, lastOf, parseFields } from '../mime/fields.ts';
import { noteCorrespondents } from './table.ts';

/** A circular to a club would push out whom one really writes to. */
const MOST_AT_ONCE = 50;
/** Bytes of a message in which its header is looked for. */
const HEADER = 256 * 1024;

export type Learn = (accountId: number, own: readonly string[], envelope: SmtpEnvelope, message: Buffer) => void;

/** @param onFault for what is no outage of the store */
export function createLearn(store: Store, onFault: (error: unknown) => void): Learn {
  return (accountId, own, { rcptTo }, message) => {
    const mine = new Set(own.map((name) => name.toLowerCase()));
    const to = new Set(rcptTo.map((email) => email.toLowerCase()).filter((email) => !mine.has(email)));
    if (to.size === 0 || to.size > MOST_AT_ONCE) return;
    const named = namesIn(message);
    const found = [...to].map((email) => ({ email, name: named.get(email) ?? '' }));
    store.transaction((tx) => noteCorrespondents(tx, accountId, found)).catch((error: unknown) => {
      if (!(error instanceof CausewayError && error.retryable)) onFault(error);
    });
  };
}

/** Names by address in lower case. */
function namesIn(message: Buffer): Map<string, string> {
  const text = message.subarray(0, HEADER).toString('latin1');
  const fields = parseFields(text.slice(0, bodyStart(text, 0, text.length)));
  const addresses = ['to', 'cc'].flatMap((name) => parseAddresses(lastOf(fields, name) ?? ''));
  return new Map(addresses.map(({ name, email }) => [email.toLowerCase(), (name ?? '').replaceAll(/[\p{Cc}\s]+/gu, ' ').trim().slice(0, 200).toWellFormed()]));
}
