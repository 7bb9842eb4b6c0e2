/**
 * Email/changes (RFC 8621 section 4.3): what came, changed and went since a state.
 *
 * Invariant: what is told is all that changed, or `cannotCalculateChanges` is. Counts tell whether anything went: where as
 * many came as there are more, nothing did; else VANISHED tells (QRESYNC), or what we did ourselves, where that explains all
 * of it. Where a platform does not count changes, ours are all that a state knows of, and they must explain every count.
 */
import type { ImapConnection } from '#imap/connection.ts';
import { parseFlags } from '#wire/imap/flags.ts';
import { parseSequenceSet } from '#wire/imap/sequence-set.ts';
import { textOf } from '#wire/imap/tokens.ts';
import type { Changes } from '../jmap/changes.ts';
import { MethodError } from '../jmap/errors.ts';
import { readIn } from './at-box.ts';
import { MAIL } from './capabilities.ts';
import { changesMethod } from './changes-method.ts';
import type { MailContext } from './context.ts';
import { NOT_DELETED } from './email-filter.ts';
import { emailIdsAt, nativeId } from './email-id.ts';
import { isDeleted } from './keywords.ts';
import type { Box, Counts } from './mailboxes.ts';
import type { Location } from './memory.ts';
import type { OwnChange } from './own-changes.ts';
import { type EmailState, emailState, rememberedEmailState } from './states.ts';

/** Changes that one answer tells: a client that missed more reads its lists anew, which costs it less. */
const CHANGE_LIMIT = 5_000;

export const emailChanges = changesMethod(MAIL, async (sinceState, context) => {
  const newState = await emailState(context);
  const { changes } = await emailChangesSince(sinceState, newState, context);
  return { newState, changes };
});

/** Where messages came, changed and went, each place once. */
type Places = { readonly created: Map<string, Location>; readonly updated: Map<string, Location>; readonly destroyed: Map<string, Location> };

/** `moved`: which of those that were updated. Throws MethodError. */
export async function emailChangesSince(sinceState: string, newState: string, context: MailContext): Promise<{ changes: Changes; moved: string[] }> {
  if (newState === sinceState) return { changes: { created: [], updated: [], destroyed: [] }, moved: [] };
  const places: Places = { created: new Map(), updated: new Map(), destroyed: new Map() };
  const before = rememberedEmailState(context, sinceState);
  if (before === undefined) throw new MethodError('cannotCalculateChanges');
  await find(before, places, context);
  const idsOf = async (of: ReadonlyMap<string, Location>): Promise<Set<string>> => new Set(await emailIdsAt([...of.values()], context));
  const changes = { created: await idsOf(places.created), updated: await idsOf(places.updated), destroyed: await idsOf(places.destroyed) };
  // What went from one mailbox and came to another with the same id was moved.
  const moved = [...changes.created].filter((id) => changes.destroyed.delete(id));
  for (const id of moved) {
    changes.created.delete(id);
    changes.updated.add(id);
  }
  for (const id of changes.destroyed) changes.updated.delete(id);
  return { changes: { created: [...changes.created], updated: [...changes.updated], destroyed: [...changes.destroyed] }, moved };
}

async function find({ counts: before, after }: EmailState, places: Places, context: MailContext): Promise<void> {
  const { all, byId } = await context.mailboxes();
  const own = context.access.memory.ownChanges.since(after);
  for (const [id, counts] of before) if (counts.total > 0 && byId.get(id)?.counts?.uidValidity !== counts.uidValidity) throw new MethodError('cannotCalculateChanges');
  // An answer, not a failure of the connection, which would not be used again.
  const cannot = await context.access.imap(async (connection) => {
    try {
      for (const box of all) {
        const then = before.get(box.id);
        const ours = own?.filter((one) => one.box === box.id && one.uidValidity === box.counts?.uidValidity && one.uid < (then?.uidNext ?? 0));
        if (box.counts === undefined || (JSON.stringify(then) === JSON.stringify(box.counts) && (box.counts.modSeq !== undefined || ours?.length === 0))) continue;
        await changesIn(connection, box, box.counts, then, ours, places);
        if (places.created.size + places.updated.size + places.destroyed.size > CHANGE_LIMIT) throw new MethodError('cannotCalculateChanges');
      }
      return undefined;
    } catch (error) {
      if (error instanceof MethodError) return error;
      throw error;
    }
  });
  if (cannot !== undefined) throw cannot;
}

/** @param ours of what was there before. Undefined: not all of it is known */
async function changesIn(connection: ImapConnection, box: Box, now: Counts, then: Counts | undefined, ours: readonly OwnChange[] | undefined, places: Places): Promise<void> {
  const put = (into: Map<string, Location>, uid: number): void => {
    const place = { box: box.id, uidValidity: now.uidValidity, uid };
    into.set(nativeId(place), place);
  };
  const uidNext = then?.uidNext ?? 1;
  const isNew = { key: 'and' as const, of: [NOT_DELETED, { key: 'uid' as const, uids: `${uidNext}:${now.uidNext - 1}` }] };
  const came = now.total > 0 && now.uidNext > uidNext ? ((await readIn(connection, box, () => connection.uidSearch(isNew))) ?? []) : [];
  for (const uid of came) put(places.created, uid);
  if (then === undefined) return;
  const gone = then.total + came.length - now.total;
  if (now.modSeq === undefined || then.modSeq === undefined) {
    const unseen = came.length === 0 ? [] : ((await readIn(connection, box, () => connection.uidSearch({ key: 'and', of: [isNew, { key: 'not', of: { key: 'flag', flag: '\\Seen' } }] }))) ?? []);
    const sum = (of: 'total' | 'unread'): number => (ours ?? []).reduce((all, one) => all + one[of], 0);
    if (ours === undefined || gone !== -sum('total') || then.unread + unseen.length + sum('unread') !== now.unread) throw new MethodError('cannotCalculateChanges');
    for (const one of ours) put(one.isGone ? places.destroyed : places.updated, one.uid);
    return;
  }
  if (gone !== 0 && connection.capabilities.has('QRESYNC')) await vanished(connection, box, then, (uid) => put(places.destroyed, uid));
  else if (gone !== 0) {
    const wentByUs = new Set(ours?.filter(({ isGone, total }) => isGone && total < 0).map(({ uid }) => uid));
    if (wentByUs.size !== gone) throw new MethodError('cannotCalculateChanges');
    for (const uid of wentByUs) put(places.destroyed, uid);
  }
  if (uidNext <= 1 || now.total === 0 || then.modSeq === now.modSeq) return;
  await readIn(connection, box, () =>
    connection.fetchItems(`1:${uidNext - 1}`, ['FLAGS'], ({ uid, items }) => put(isDeleted(parseFlags(items.get('FLAGS'))) ? places.destroyed : places.updated, uid), { changedSince: BigInt(then.modSeq ?? 0) }),
  );
}

/** RFC 7162 section 3.2.6. A server may name UIDs that were gone long before; of an id that a client does not know it takes no notice. */
async function vanished(connection: ImapConnection, box: Box, then: Counts, onGone: (uid: number) => void): Promise<void> {
  if (then.uidNext <= 1) throw new MethodError('cannotCalculateChanges');
  await connection.run('ENABLE QRESYNC');
  let count = 0;
  await readIn(connection, box, () =>
    connection.run(`UID FETCH 1:${then.uidNext - 1} (FLAGS) (CHANGEDSINCE ${then.modSeq} VANISHED)`, (response) => {
      if (response.kind !== 'data' || response.name !== 'VANISHED') return;
      for (const [first, last] of parseSequenceSet(textOf(response.tokens.at(-1)))) {
        if (last - first > CHANGE_LIMIT) throw new MethodError('cannotCalculateChanges');
        for (let uid = first; uid <= last && uid < then.uidNext; uid += 1) {
          count += 1;
          if (count > CHANGE_LIMIT) throw new MethodError('cannotCalculateChanges');
          onGone(uid);
        }
      }
    }),
  );
}
