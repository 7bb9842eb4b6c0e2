/**
 * Handing one message over, as a client (RFC 6409).
 *
 * Invariants: the message goes with CRLF at the end of each line and no other CR or LF, so that every server sees the same
 * end of it (SMTP smuggling, CVE-2023-51764). All recipients or none: where one is refused nothing is sent. `refused` is
 * a definite no, `unavailable` one for now; with `conflict` the answer to the whole message did not come, and it may have
 * been taken.
 */
import type { Socket } from 'node:net';
import { CausewayError, messageOf } from '#errors/index.ts';
import { createStuffer } from '#wire/smtp/dot-stuffing.ts';
import type { Reply } from '#wire/smtp/reply.ts';
import type { Exchange } from './exchange.ts';

export type Envelope = { readonly mailFrom: string; readonly rcptTo: readonly string[] };

/** What may stand between angle brackets without being anything else (RFC 5321 section 4.1.2; RFC 6531 for the others). */
const ADDRESS = /^[^\s<>\p{Cc}]{1,320}$/u;

type Session = { readonly socket: Socket; readonly exchange: Exchange; readonly capabilities: ReadonlySet<string>; readonly place: string };

/** @throws CausewayError 'refused', 'unavailable', 'conflict', 'input' for an address that is none */
export async function send({ socket, exchange, capabilities, place }: Session, { mailFrom, rcptTo }: Envelope, message: Buffer): Promise<void> {
  const addresses = [mailFrom, ...rcptTo];
  if (!addresses.every((address) => ADDRESS.test(address)) || rcptTo.length === 0) throw new CausewayError('input', 'an envelope with an address that is none');
  const offers = (name: string): boolean => [...capabilities].some((line) => line.split(' ')[0] === name);
  const isInternational = !addresses.every((address) => /^[ -~]+$/.test(address));
  if (isInternational && !offers('SMTPUTF8')) {
    throw new CausewayError('refused', 'the platform takes no addresses with such letters (SMTPUTF8)', { place, customerText: 'An address has letters that our mail server cannot send to.' });
  }
  const has8Bit = message.some((byte) => byte > 127);
  const options = `${has8Bit && offers('8BITMIME') ? ' BODY=8BITMIME' : ''}${isInternational ? ' SMTPUTF8' : ''}`;
  expect('MAIL', await exchange.ask(`MAIL FROM:<${mailFrom}>${options}`), 2, place);
  for (const address of rcptTo) expect('RCPT', await exchange.ask(`RCPT TO:<${address}>`), 2, place, `Our mail server does not take mail to ${address}. Nothing was sent, to nobody.`);
  expect('DATA', await exchange.ask('DATA'), 3, place);
  const stuffer = createStuffer();
  for (const bytes of [stuffer.push(withLineEnds(message)), stuffer.end(), Buffer.from('.\r\n')]) socket.write(bytes);
  const answer = await exchange.reply().catch((cause: unknown) => {
    throw new CausewayError('conflict', `no answer to the message: ${messageOf(cause)}`, { place, cause, customerText: 'We do not know whether your mail was sent. Please look before you send it again.' });
  });
  expect('the message', answer, 2, place);
}

/** Lone CR and LF are line ends, too. */
function withLineEnds(message: Buffer): Buffer {
  return Buffer.from(message.toString('latin1').replaceAll(/\r\n|\r|\n/g, '\r\n'), 'latin1');
}

/** @param kind the first digit of the reply's code */
function expect(what: string, { code, enhanced }: Reply, kind: 2 | 3, place: string, customerText?: string): void {
  if (Math.floor(code / 100) === kind) return;
  const said = `${what}: ${code}${enhanced === undefined ? '' : ` ${enhanced}`}`;
  throw new CausewayError(code >= 500 ? 'refused' : 'unavailable', said, { place, ...(code >= 500 && customerText !== undefined ? { customerText } : {}) });
}
