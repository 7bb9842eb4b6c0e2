/**
 * The survey: which mailboxes there are on both sides, which stand for which, and which are subscribed.
 *
 * Invariants: after it each selectable mailbox of the source has its own at the target, and no other mailbox of the
 * target, which is not yet home, holds a message. It is done anew in every pass, so mailboxes that are made, renamed or
 * deleted at the source are followed; a renamed one is a new one.
 */
import { sql } from 'kysely';
import { CausewayError, messageOf } from '#errors/index.ts';
import type { Mailbox as MailboxRef } from '#imap/commands/mailbox-name.ts';
import { allBut } from '../lists/aside.ts';
import { passingFailure } from '../failure.ts';
import { dropMailboxes } from '../ledger/ledger.ts';
import { createMailbox, makeMailbox } from './make-mailbox.ts';
import { isInbox, isMapped, pairNames } from './names.ts';
import type { Standing } from '../tables.ts';
import { makeRoomForStrays } from '../back/stray-mailboxes.ts';
import type { Visit } from '../visit.ts';
import { readSide } from './side.ts';
import { subscribe, subscribed, subscribeEach } from './subscriptions.ts';
import { unlessRefused } from './unless-refused.ts';

export type Pair = {
  readonly sourceMailbox: string;
  /** The source's own spelling, for names that are no valid modified UTF-7. */
  readonly sourceRef: MailboxRef;
  readonly targetMailbox: string;
  readonly specialUse: string | undefined;
  /** Whether the name is another at the target, beyond prefix and separators. */
  readonly mapped: boolean;
  /** As written down; null before the first pass. */
  sourceUidValidity: number | null;
  targetUidValidity: number | null;
  /** Of the last pass that left nothing. */
  standing: Standing | 'untrue' | null;
};

/** CREATEs on their way, one behind the other. */
const MAKING = 24;

/**
 * Pairs the mailboxes of both sides and makes what is missing at the target.
 * @param onNamed gets the source's mailboxes that have their names at the target, before these are made
 */
export async function survey(visit: Visit, onNamed?: (mailboxes: ReadonlyMap<string, MailboxRef>) => void): Promise<Pair[]> {
  const [source, target, known, wanted, present] = await Promise.all([
    readSide(visit.source),
    readSide(visit.target),
    knownPairs(visit),
    visit.source.lsub('', '*'),
    visit.target.lsub('', '*'),
  ]);
  const names = pairNames(source, target, new Map([...known].map(([name, { target_mailbox: to }]) => [name, to])));
  const existing = new Set(target.mailboxes.filter(({ selectable }) => selectable).map(({ name }) => name));
  const uses = new Set(target.mailboxes.map(({ specialUse }) => specialUse));
  const use = new Map(source.mailboxes.map(({ name, specialUse }) => [name, specialUse]));

  const taken = new Set(names.values());
  if (visit.returning) {
    const others = [...existing].filter((name) => !taken.has(name));
    const atHome = new Set(source.mailboxes.map(({ name }) => name));
    if (await makeRoomForStrays(visit, others, { source: source.space, target: target.space }, atHome)) return survey(visit, onNamed);
  }
  const refOf = (name: string): MailboxRef => source.refs.get(name) ?? name;
  onNamed?.(new Map([...names.keys()].map((name) => [name, refOf(name)])));
  const deleted = visit.additive ? [] : await forgetMailboxes(visit, [...known.keys()].filter((name) => !names.has(name)), names);
  for (const name of deleted) existing.delete(name);

  // Written down before they are made: a mailbox that we may have made is known as ours.
  await savePairs(
    visit,
    [...names].filter(([name, targetMailbox]) => known.get(name)?.target_mailbox !== targetMailbox),
    existing,
  );
  const pairs: Pair[] = [];
  const made = new Map<string, string>();
  const isMissing = (name: string): boolean => !existing.has(name) && !isInbox(name);
  const missing = [...names].filter(([, name]) => isMissing(name));
  const making = new Map<string, Promise<void>>();
  const usedAs = (name: string): string | undefined => (uses.has(use.get(name)) ? undefined : use.get(name));
  const makeSome = (): void => {
    for (const [name, wantedName] of missing.splice(0, MAKING)) {
      const creating = createMailbox(visit.target, wantedName, usedAs(name));
      creating.catch(() => {});
      making.set(name, creating);
    }
  };
  for (const [name, wantedName] of names) {
    let targetMailbox = wantedName;
    const specialUse = use.get(name);
    const row = known.get(name);
    if (isMissing(targetMailbox)) {
      if (!making.has(name)) makeSome();
      targetMailbox = await makeMailbox(visit.target, wantedName, usedAs(name), { space: target.space, existing, taken }, making.get(name));
      if (targetMailbox !== wantedName) {
        await savePairs(visit, [[name, targetMailbox]], existing);
        names.set(name, targetMailbox);
        taken.add(targetMailbox);
      }
      made.set(name, targetMailbox);
    }
    pairs.push({
      sourceMailbox: name,
      sourceRef: refOf(name),
      targetMailbox,
      specialUse,
      mapped: isMapped(name, targetMailbox, source.space, target.space),
      sourceUidValidity: row?.source_uidvalidity ?? null,
      targetUidValidity: row?.target_mailbox === targetMailbox ? row.target_uidvalidity : null,
      standing: row?.target_mailbox === targetMailbox ? row.standing : null,
    });
  }
  if (!visit.additive) await clearOthers(visit, [...existing].filter((name) => !taken.has(name)));
  const subscriptions = { wanted: subscribed(wanted, source), present: subscribed(present, target) };
  // At the home all others are as customers set them there.
  if (visit.toHome) await subscribeEach(visit, made, subscriptions);
  else await subscribe(visit, source, target, names, subscriptions);
  return pairs;
}

type KnownPair = { target_mailbox: string; source_uidvalidity: number | null; target_uidvalidity: number | null; standing: Standing | 'untrue' | null };

async function knownPairs(visit: Visit): Promise<Map<string, KnownPair>> {
  const { rows } = await sql<KnownPair & { source_mailbox: string }>`
    select source_mailbox, target_mailbox, source_uidvalidity, target_uidvalidity, standing
    from mailbox_pair where move_id = ${visit.move.id}`.execute(visit.store.db());
  return new Map(rows.map((row) => [row.source_mailbox, row]));
}

async function savePairs(visit: Visit, chosen: readonly (readonly [name: string, targetMailbox: string])[], existing: ReadonlySet<string>): Promise<void> {
  if (chosen.length === 0) return;
  const made = chosen.map(([, targetMailbox]) => !existing.has(targetMailbox));
  await visit.claim.statement(sql`
    insert into mailbox_pair (move_id, source_mailbox, target_mailbox, created)
      select mine.id, source_mailbox, target_mailbox, created
      from mine, unnest(${chosen.map(([name]) => name)}::text[], ${chosen.map(([, name]) => name)}::text[], ${made}::boolean[])
        as new (source_mailbox, target_mailbox, created)
      on conflict (move_id, source_mailbox) do update
      set target_mailbox = excluded.target_mailbox, target_uidvalidity = null, standing = null, created = excluded.created`);
}

/**
 * Forgets what the source no longer has, and deletes at the target what the mover had made for it.
 * @returns the names that were deleted at the target
 */
async function forgetMailboxes(visit: Visit, gone: readonly string[], names: ReadonlyMap<string, string>): Promise<string[]> {
  if (gone.length === 0) return [];
  const { move } = visit;
  const taken = new Set(names.values());
  const { rows } = await sql<{ target_mailbox: string; created: boolean }>`
    select target_mailbox, created from mailbox_pair
    where move_id = ${move.id} and source_mailbox = any(${[...gone]}::text[])`.execute(visit.store.db());
  const deleted: string[] = [];
  for (const { target_mailbox: name, created } of rows) {
    // What the account was once moved away without goes with no mailbox.
    if (!created || taken.has(name) || visit.refusals.keepsAny(name)) continue;
    await unlessRefused(visit.target.unsubscribe(name));
    // Refused where it has children, or is gone already: then it is emptied with the others.
    if (await unlessRefused(visit.target.delete(name))) deleted.push(name);
  }
  await visit.claim.transaction(async (tx) => {
    await sql`delete from mailbox_pair where move_id = ${move.id} and source_mailbox = any(${[...gone]}::text[])`.execute(tx.db());
    await dropMailboxes(tx, { accountId: move.account_id, source: move.source, target: move.target }, [...names.keys()]);
  });
  return deleted;
}

/** Mailboxes of the target that stand for none of the source keep their names, and nothing else. */
async function clearOthers(visit: Visit, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const { MESSAGES } = await visit.target.status(name, ['MESSAGES']).catch((error: unknown) => {
      throw asRefusal(error, `the target does not tell of the mailbox "${name}"`);
    });
    if (MESSAGES === 0) continue;
    const { uidValidity } = await visit.target.select(name);
    const kept = visit.refusals.kept({ mailbox: name, uidValidity });
    for (const uids of allBut(kept)) await visit.target.store(uids, '+FLAGS', ['\\Deleted']);
    if (kept.size === 0 || !visit.target.capabilities.has('UIDPLUS')) await visit.target.run('EXPUNGE');
    else for (const uids of allBut(kept)) await visit.target.expunge(uids);
  }
}

function asRefusal(error: unknown, what: string): unknown {
  if (!(error instanceof CausewayError) || error.code !== 'refused') return error;
  return passingFailure('mailbox', `${what}: ${messageOf(error)}`, error);
}
