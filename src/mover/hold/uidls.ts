/**
 * POP3's unique ids over a move: each message keeps, at the target, the id by which its clients know it.
 *
 * They are listed at both platforms within the hold: no session of the account's is on then, so none is refused for ours
 * (a maildrop has room for one), and nothing changes any more. Required where both platforms have POP3 in the
 * configuration; where one has none, the gateway serves nobody by POP3 before and after the move.
 *
 * Invariants: a platform's list is believed only where it fits INBOX as the move has proven it, message by message:
 * order and sizes; where some are not shown, or the order is another, by sizes that tell them apart. The ids that clients know are 1 to 70 printable characters
 * and all different, and the target's own are all different too, or the account does not flip. An id of the target's own
 * that clients know as another message's never reaches a client (wire/pop3/uidls.ts).
 */
import { createHash } from 'node:crypto';
import { CausewayError, messageOf } from '#errors/index.ts';
import { loginFor } from '#directory/platforms.ts';
import { readUidls, saveUidls, UIDLS_LIMIT } from '#directory/uidls/table.ts';
import { connect } from '#pop3/connect.ts';
import type { Pop3Connection, Pop3Message } from '#pop3/connect.ts';
import type { Tx } from '#store/index.ts';
import { createTranslate, formatKept, isUniqueId, parseKept } from '#wire/pop3/uidls.ts';
import type { Translate } from '#wire/pop3/uidls.ts';
import type { MoverPlatform } from '../access.ts';
import type { Aside, BothAside } from '../lists/aside.ts';
import { finalFailure, passingFailure } from '../failure.ts';
import type { LedgerRow } from '../ledger/ledger-row.ts';
import { createFlagSets } from '../lists/flag-sets.ts';
import { readLedger } from '../ledger/ledger.ts';
import type { Pair } from '../mailboxes/pairs.ts';
import type { Side, Visit } from '../visit.ts';

/** What the receipt says: how many messages keep their id, and the SHA-256 of these ids, each with a line feed, in the order of the source's UIDs. */
export type UidlProof = { readonly count: number; readonly digest: string };

export type KeptUidls = { readonly proof: UidlProof; readonly kept: ReadonlyMap<string, string>; readonly marked: boolean };

/** Of a hold's 8 s; a healthy platform takes milliseconds. */
const TIMES = { connectMs: 2_000, commandMs: 3_000 };

export type Lists = { readonly source: readonly Pop3Message[]; readonly target: readonly Pop3Message[] };

/** Lists both platforms' maildrops. @returns undefined where no ids need be kept @throws the failure `uidl` */
export async function listUidls(visit: Visit): Promise<Lists | undefined> {
  const { source, target } = visit.sides;
  if (source.platform.pop3 === undefined || target.platform.pop3 === undefined) return undefined;
  const [atSource, atTarget] = await Promise.all([listAt(visit, source), listAt(visit, target)]);
  return { source: atSource, target: atTarget };
}

async function listAt(visit: Visit, { platform, login }: Side): Promise<readonly Pop3Message[]> {
  let failure: unknown = 'it has no trusted or master entrance';
  for (const entrance of platform.entrances) {
    if (entrance.kind === 'replay') continue;
    let connection: Pop3Connection | undefined;
    try {
      const entry = loginFor(entrance, login);
      connection = await connect(endpointOf(platform, entry.pop3Port), { clock: visit.clock, signal: visit.claim.signal, ...TIMES });
      await connection.login(entry.login);
      const messages = await connection.list(UIDLS_LIMIT);
      // Nothing was marked, so nothing is deleted; and nobody need wait for the answer.
      connection.quit().catch(() => connection?.destroy());
      return messages;
    } catch (error) {
      connection?.destroy();
      failure = error;
      if (error instanceof CausewayError && error.code === 'limit') {
        throw finalFailure('uidl', `more than ${UIDLS_LIMIT} messages by POP3 at ${platform.name}`, error);
      }
    }
  }
  throw passingFailure('uidl', `the ids of POP3 cannot be read at ${platform.name}: ${messageOf(failure)}`, failure);
}

function endpointOf({ pop3 }: MoverPlatform, port: number | undefined) {
  const { host, tls, ca, clientAddress } = pop3!;
  return { host, port: port ?? pop3!.port, tls, clientAddress, ...(ca === undefined ? {} : { ca }) };
}

/**
 * Which ids are to be kept, from both lists and INBOX as it was verified a moment ago.
 * @throws the failure `uidl`
 */
export async function matchUidls(visit: Visit, pairs: readonly Pair[], lists: Lists, proofs: readonly { readonly source: { readonly mailbox: string }; readonly aside: BothAside }[]): Promise<KeptUidls> {
  const inbox = pairs.find(({ sourceMailbox }) => sourceMailbox === 'INBOX');
  if (inbox?.sourceUidValidity == null || inbox.targetUidValidity === null) throw passingFailure('uidl', 'there is no INBOX to match ids with');
  const { account_id: accountId, source, target } = visit.move;
  const ledger = await readLedger(visit.store, {
    accountId,
    source,
    target,
    mailbox: inbox.sourceMailbox,
    sourceUidValidity: inbox.sourceUidValidity,
    targetMailbox: inbox.targetMailbox,
    targetUidValidity: inbox.targetUidValidity,
  }, createFlagSets());
  const rows = Array.from(ledger, ({ sourceUid, targetUid, size, targetSize }): Copy => ({ sourceUid, targetUid, size, targetSize }));
  const known = await readUidls(visit.store, accountId, source);
  const kept = known === undefined ? undefined : parseKept(known.kept);
  if (known !== undefined && kept === undefined) throw finalFailure('uidl', 'the ids that were kept for the account cannot be read');
  const translate: Translate = kept === undefined ? (own) => own : createTranslate({ kept, epoch: known!.epoch, marked: known!.marked });
  return keepIds(rows, lists, translate, proofs.find(({ source: { mailbox } }) => mailbox === inbox.sourceMailbox)?.aside);
}

/** What is needed of a ledger row here: there may be 100,000. */
type Copy = Pick<LedgerRow, 'sourceUid' | 'targetUid' | 'size' | 'targetSize'>;

/**
 * @param rows all of INBOX
 * @param translate from the source's own ids to those that its clients know: it may have been moved there itself
 */
export function keepIds(rows: readonly Copy[], lists: Lists, translate: Translate, aside: BothAside = { source: [], target: [] }): KeptUidls {
  const bySource = [...rows].sort((a, b) => a.sourceUid - b.sourceUid);
  const atSource = matchIds('source', lists.source, bySource.map((row) => ({ row, uid: row.sourceUid, size: row.size })), aside.source);
  const atTarget = matchIds('target', lists.target, rows.map((row) => ({ row, uid: row.targetUid, size: row.targetSize ?? row.size })), aside.target);

  const kept = new Map<string, string>();
  const digest = createHash('sha256');
  const ids = new Set<string>();
  const own = new Set(lists.target.map(({ id }) => id));
  // Clients know ids of what stays behind, too: none of the target's own may be taken for one of these.
  let shared = aside.source.length > 0;
  for (const row of bySource) {
    const theirs = atSource.get(row);
    if (theirs === undefined) continue; // the source shows it to no POP3 client
    const id = translate(theirs);
    const ours = atTarget.get(row);
    if (ours === undefined) throw passingFailure('uidl', `the target does not show message ${row.targetUid} of INBOX by POP3`);
    if (!isUniqueId(id)) throw finalFailure('uidl', `the source gives message ${row.sourceUid} of INBOX an id that is none`);
    if (ids.has(id)) throw finalFailure('uidl', `the source gives message ${row.sourceUid} of INBOX the id of another message, "${id}"`);
    ids.add(id);
    digest.update(`${id}\n`);
    if (id === ours) continue;
    shared ||= own.has(id);
    kept.set(ours, id);
  }
  return { proof: { count: ids.size, digest: digest.digest('hex') }, kept, marked: shared };
}

/** @param copied of INBOX @param aside what else is in it @returns the id of each that the platform shows */
function matchIds(side: keyof Lists, list: readonly Pop3Message[], copied: readonly Shown[], aside: readonly Aside[]): Map<Copy, string> {
  const messages: Shown[] = [...copied, ...aside.map((each) => ({ ...each, row: undefined }))].sort((a, b) => a.uid - b.uid);
  const found = new Map<Copy, string>();
  const take = (row: Copy | undefined, id: string): void => void (row && found.set(row, id));
  if (new Set(list.map(({ id }) => id)).size !== list.length) throw finalFailure('uidl', `the ${side} gives several messages one id for POP3`);
  if (list.length === messages.length && list.every(({ octets }, at) => octets === messages[at]?.size)) {
    for (const [at, { row }] of messages.entries()) take(row, list[at]!.id);
    return found;
  }
  // Some messages are not shown (servers hide those that are marked \Deleted), or the order is another.
  const shown = Map.groupBy(list, ({ octets }) => octets);
  const present = Map.groupBy(messages, ({ size }) => size);
  const ordered = isSubsequence(list.map(({ octets }) => octets), messages.map(({ size }) => size));
  for (const [octets, group] of shown) {
    const rows = present.get(octets) ?? [];
    if (rows.length !== group.length || (rows.length > 1 && !ordered)) {
      throw passingFailure('uidl', `the ${side}'s message ${group[0]!.number} by POP3 (${octets} octets) cannot be told among those of INBOX`);
    }
    for (const [at, { row }] of rows.entries()) take(row, group[at]!.id);
  }
  return found;
}

type Shown = Aside & { readonly row: Copy | undefined };

function isSubsequence(part: readonly number[], whole: readonly number[]): boolean {
  let at = 0;
  for (const each of whole) if (each === part[at]) at += 1;
  return at === part.length;
}

export function saveKept(tx: Tx, visit: Visit, epoch: number, { kept, marked }: KeptUidls): Promise<void> {
  return saveUidls(tx, visit.move.account_id, visit.move.target, { epoch, marked, kept: formatKept(kept) });
}
