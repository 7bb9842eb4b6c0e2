/** UID COPY and UID MOVE (RFC 9051 sections 6.4.7 and 6.4.8, RFC 6851), with what became of each UID (RFC 4315). */
import type { ResponseCode } from '#wire/imap/response.ts';
import { parseSequenceSet } from '#wire/imap/sequence-set.ts';
import { textOf, type Token } from '#wire/imap/tokens.ts';
import type { Engine } from '../engine/engine.ts';
import { numberOf } from '../engine/fetch-response.ts';
import { uidSet } from './fetch-meta.ts';
import { type Mailbox, mailboxPart } from './mailbox-name.ts';
import { expunge, store } from './store.ts';

/** `uids`: from the UID in the source to the one in the target. */
export type Transferred = { readonly uidValidity: number; readonly uids: ReadonlyMap<number, number> };

/** More at once than a client's largest selection. */
const PAIR_LIMIT = 100_000;

/** @returns undefined where the server does not tell, or none of the messages is there */
export async function copy(engine: Engine, uids: string, to: Mailbox): Promise<Transferred | undefined> {
  const { code } = await engine.command({ name: 'UID COPY', parts: [`UID COPY ${uidSet(uids)} `, mailboxPart(to)] });
  return transferred(code);
}

/**
 * Without MOVE: a copy, then the originals' end. When the latter fails the messages are in both mailboxes, never in none.
 * Rejects with 'refused' after the copy where the server cannot expunge by UID; the originals then have \Deleted.
 */
export async function move(engine: Engine, uids: string, to: Mailbox): Promise<Transferred | undefined> {
  if (!engine.capabilities.has('MOVE') && !engine.capabilities.has('IMAP4REV2')) {
    const copied = await copy(engine, uids, to);
    await store(engine, uids, '+FLAGS', ['\\Deleted']);
    await expunge(engine, uids);
    return copied;
  }
  let found: Transferred | undefined;
  const { code } = await engine.command({
    name: 'UID MOVE',
    parts: [`UID MOVE ${uidSet(uids)} `, mailboxPart(to)],
    // RFC 6851 section 4.3: it comes before the messages go, so not with the tagged answer.
    wants: (response) => response.kind === 'status' && response.code?.name === 'COPYUID',
    onData(response) {
      if (response.kind === 'status') found = transferred(response.code);
    },
  });
  return found ?? transferred(code);
}

/** Never throws: the messages are there, whatever the server says about them. */
function transferred(code: ResponseCode | undefined): Transferred | undefined {
  if (code?.name !== 'COPYUID') return undefined;
  const uidValidity = numberOf(code.tokens[0]);
  const from = expand(code.tokens[1]);
  const to = expand(code.tokens[2]);
  if (uidValidity === undefined || from === undefined || to === undefined || from.length !== to.length) return undefined;
  return { uidValidity, uids: new Map(from.map((uid, index) => [uid, to[index] as number])) };
}

function expand(token: Token | undefined): number[] | undefined {
  try {
    const uids: number[] = [];
    for (const [first, last] of parseSequenceSet(textOf(token))) {
      if (last - first + uids.length >= PAIR_LIMIT) return undefined;
      for (let uid = first; uid <= last; uid += 1) uids.push(uid);
    }
    return uids;
  } catch {
    return undefined;
  }
}
