/** SELECT and EXAMINE (RFC 9051 sections 6.3.2 and 6.3.3). */
import { CausewayError } from '#errors/index.ts';
import { parseFlags } from '#wire/imap/flags.ts';
import type { ResponseCode } from '#wire/imap/response.ts';
import { textOf } from '#wire/imap/tokens.ts';
import type { Engine } from '../engine/engine.ts';
import type { Untagged } from '../engine/in-flight.ts';
import { numberOf } from '../engine/fetch-response.ts';
import { type Mailbox, mailboxPart } from './mailbox-name.ts';
import { status } from './mailbox.ts';

export type Selected = {
  readonly uidValidity: number;
  readonly uidNext: number;
  readonly exists: number;
  readonly flags: readonly string[];
  /** May hold `\*`: new keywords can be made. */
  readonly permanentFlags: readonly string[];
  readonly readOnly: boolean;
  /** With CONDSTORE. A 63 bit number. */
  readonly highestModSeq?: bigint;
};

type Found = { -readonly [K in keyof Selected]?: Selected[K] };

/** Rejects with CausewayError 'refused' (no such mailbox), 'protocol' where UIDs of this mailbox do not last. */
export async function select(engine: Engine, verb: 'SELECT' | 'EXAMINE', mailbox: Mailbox): Promise<Selected> {
  const found: Found = {};
  const tagged = await engine.command({
    name: verb,
    // Without it Dovecot keeps no HIGHESTMODSEQ of a mailbox that nobody has asked about yet (RFC 7162 section 3.1.8).
    parts: [`${verb} `, mailboxPart(mailbox), engine.capabilities.has('CONDSTORE') ? ' (CONDSTORE)' : ''],
    inTurn: true,
    wants: (response) => response.kind === 'status' || ['FLAGS', 'EXISTS'].includes(response.name),
    onData: (response) => collect(found, response),
  });
  if (found.uidValidity === undefined) {
    throw new CausewayError('protocol', 'the server gives no UIDVALIDITY for a mailbox', { place: engine.place });
  }
  const flags = found.flags ?? [];
  return {
    uidValidity: found.uidValidity,
    uidNext: found.uidNext ?? (await askUidNext(engine, mailbox)),
    exists: found.exists ?? 0,
    flags,
    // RFC 3501 section 7.1: when it is missing, all flags are permanent.
    permanentFlags: found.permanentFlags ?? flags,
    readOnly: verb === 'EXAMINE' || tagged.code?.name === 'READ-ONLY',
    highestModSeq: found.highestModSeq,
  };
}

function collect(found: Found, response: Untagged): void {
  if (response.kind === 'status') {
    if (response.code !== undefined) collectCode(found, response.code);
  } else if (response.name === 'EXISTS') {
    found.exists = response.number;
  } else {
    found.flags = parseFlags(response.tokens[0]);
  }
}

function collectCode(found: Found, { name, tokens }: ResponseCode): void {
  const [value] = tokens;
  if (name === 'UIDVALIDITY') found.uidValidity = numberOf(value);
  else if (name === 'UIDNEXT') found.uidNext = numberOf(value);
  else if (name === 'PERMANENTFLAGS') found.permanentFlags = parseFlags(value);
  else if (name === 'HIGHESTMODSEQ' && value !== undefined && /^\d{1,19}$/.test(textOf(value))) {
    found.highestModSeq = BigInt(textOf(value));
  }
}

/** Courier gives no UIDNEXT on SELECT. */
async function askUidNext(engine: Engine, mailbox: Mailbox): Promise<number> {
  const { UIDNEXT } = await status(engine, mailbox, ['UIDNEXT']);
  if (UIDNEXT !== undefined) return UIDNEXT;
  throw new CausewayError('protocol', 'the server gives no UIDNEXT for a mailbox', { place: engine.place });
}
