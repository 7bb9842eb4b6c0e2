/**
 * Changes of emails, seen at once, made by the server, and undone on demand.
 *
 * Invariants: what is undone is what the server had before the change, which it says in the same request as it makes it.
 * What it refuses is shown again as it is, and told. An email is never changed twice by one deed.
 */
import type { QueryClient } from '@tanstack/react-query';
import { showToast } from '#ui/toasts.ts';
import { say } from '#ui/words.ts';
import { onSignedOut } from '../api/http.ts';
import { jmap } from '../api/jmap.ts';
import { keys } from '../api/keys.ts';
import type { Email, GetAnswer, Mailbox, SetAnswer } from '../api/types.ts';
import { getRow, patchRows, restoreRows } from '../list/rows.ts';
import { takeFromLists } from '../list/sources.ts';
import { BATCH, inBatches } from './batches.ts';
import { countsAfter } from './counts.ts';
import { type Group, grouped, type Patch, undoOf } from './patch.ts';
import { idsOf, isAll, type Targets } from './targets.ts';
import { popped, pushed, type UndoStack } from './undo.ts';
import { showWork } from './work.ts';
import { words } from './words.ts';

let stack: UndoStack = [];
/** What is being done: who undoes it before the server has answered means it, not what was before. */
let underWay: Promise<unknown> = Promise.resolve();
onSignedOut(() => {
  stack = [];
});

export type Deed = {
  readonly targets: Targets;
  readonly patch: Patch;
  /** What the toast says; undefined: nothing is said, and nothing can be undone. */
  readonly done?: (count: number) => string;
};

export function perform(client: QueryClient, deed: Deed): Promise<void> {
  const work = performed(client, deed);
  if (deed.done !== undefined) underWay = Promise.all([underWay, work]);
  return work;
}

async function performed(client: QueryClient, { targets, patch, done }: Deed): Promise<void> {
  const groups: Group[] = [];
  const count = await carryOut(client, targets, () => patch, (before) => groups.push(...before));
  if (done === undefined || count === 0) return;
  const entry = { label: done(count), groups: grouped(groups.flatMap(({ ids, patch: back }) => ids.map((id) => [id, back] as const))) };
  stack = pushed(stack, entry);
  showToast({ text: entry.label, act: { label: say(words).undo, run: () => void undo(client, entry) } });
}

/** @param wanted of a toast; else the latest */
export async function undo(client: QueryClient, wanted?: UndoStack[number]): Promise<void> {
  if (wanted === undefined) await underWay;
  const found = popped(stack, wanted);
  if (found === undefined) return void showToast({ text: say(words).nothingToUndo });
  ({ stack } = found);
  const patches = new Map(found.entry.groups.flatMap(({ ids, patch }) => ids.map((id) => [id, patch] as const)));
  const count = await carryOut(client, { ids: [...patches.keys()] }, (id) => patches.get(id) ?? {}, () => {});
  if (count > 0) showToast({ text: say(words).undone(count) });
}

/** For good. @returns once it is done, or was told why not */
export async function destroy(client: QueryClient, targets: Targets): Promise<void> {
  const count = await carryOut(client, targets, undefined, () => {});
  if (count > 0) showToast({ text: say(words).destroyed(count) });
}

/**
 * @param patchOf undefined: they are destroyed
 * @returns how many it was done for
 */
async function carryOut(client: QueryClient, targets: Targets, patchOf: ((id: string) => Patch) | undefined, onBefore: (groups: readonly Group[]) => void): Promise<number> {
  const w = say(words);
  const stop = new AbortController();
  const shown = isAll(targets) ? [] : targets.ids;
  const hidden = show(client, shown, patchOf);
  const size = isAll(targets) ? targets.estimate : targets.ids.length;
  const work = size > BATCH ? showWork(w.looking, () => stop.abort()) : undefined;
  const rest: (() => void)[] = [];
  try {
    const ids = await idsOf(targets, stop.signal);
    // Of a conversation its other emails.
    const already = new Set(shown);
    const outcome = await inBatches(
      ids,
      async (batch) => {
        rest.push(show(client, batch.filter((id) => !already.has(id)), patchOf).release);
        const { before, failed } = await change(batch, patchOf);
        const refused = new Set(failed);
        if (patchOf !== undefined) onBefore(grouped(before.filter(({ id }) => !refused.has(id)).map((email) => [email.id, undoOf(email, patchOf(email.id))] as const)));
        restoreRows(before.flatMap((email) => (refused.has(email.id) && getRow(email.id) !== undefined ? [{ ...getRow(email.id)!, ...email }] : [])));
        return failed.length;
      },
      { signal: stop.signal, onProgress: (progress) => work?.progress(progress) },
    );
    if (outcome.ended === 'stopped') showToast({ text: w.stopped(outcome.done, outcome.total) });
    if (outcome.ended === 'broken') {
      restoreRows(hidden.before);
      showToast({ text: w.broken, kind: 'bad' });
    } else if (outcome.failed > 0) showToast({ text: w.notDone(outcome.failed), kind: 'bad' });
    return outcome.done;
  } catch {
    restoreRows(hidden.before);
    if (!stop.signal.aborted) showToast({ text: w.broken, kind: 'bad' });
    return 0;
  } finally {
    work?.end();
    for (const release of [hidden.release, ...rest]) release();
    // Push tells the other tabs; this one need not wait for it.
    for (const type of ['Email', 'Mailbox', 'Thread']) void client.invalidateQueries({ queryKey: [type] });
  }
}

/** Shows the change before it is made. */
function show(client: QueryClient, ids: readonly string[], patchOf: ((id: string) => Patch) | undefined): { readonly before: NonNullable<ReturnType<typeof getRow>>[]; readonly release: () => void } {
  const before = ids.flatMap((id) => getRow(id) ?? []);
  const releases: (() => void)[] = [];
  const groups = patchOf === undefined ? [{ patch: undefined, ids: [...ids] }] : grouped(ids.map((id) => [id, patchOf(id)] as const));
  for (const { patch, ids: those } of groups) {
    if (those.length === 0) continue;
    const mailboxIds = patch?.['mailboxIds'] as Record<string, true> | undefined;
    client.setQueryData<readonly Mailbox[]>(keys.mailboxes, (boxes) => (boxes === undefined ? undefined : countsAfter(boxes, those.flatMap((id) => getRow(id) ?? []), patch)));
    if (patch !== undefined) releases.push(patchRows(those, patch));
    if (patch === undefined || mailboxIds !== undefined) releases.push(takeFromLists(those, mailboxIds === undefined ? undefined : Object.keys(mailboxIds)[0]));
  }
  return { before, release: () => releases.forEach((release) => release()) };
}

type Before = Pick<Email, 'id' | 'mailboxIds' | 'keywords'>;

async function change(ids: readonly string[], patchOf: ((id: string) => Patch) | undefined): Promise<{ before: readonly Before[]; failed: readonly string[] }> {
  if (patchOf === undefined) {
    const [{ notDestroyed }] = await jmap<readonly [SetAnswer]>([['Email/set', { destroy: ids }]]);
    return { before: [], failed: Object.keys(notDestroyed ?? {}) };
  }
  const update = Object.fromEntries(ids.map((id) => [id, patchOf(id)]));
  const [before, { notUpdated }] = await jmap<readonly [GetAnswer<Before>, SetAnswer]>([['Email/get', { ids, properties: ['id', 'mailboxIds', 'keywords'] }], ['Email/set', { update }]]);
  const failures = Object.entries(notUpdated ?? {});
  // A mailbox that takes no new keywords still takes what counts: the move.
  const plain = failures.filter(([id, { type }]) => type === 'tooManyKeywords' && patchOf(id)['mailboxIds'] !== undefined).map(([id]) => id);
  const failed = failures.map(([id]) => id).filter((id) => !plain.includes(id));
  if (plain.length === 0) return { before: before.list, failed };
  const [again] = await jmap<readonly [SetAnswer]>([['Email/set', { update: Object.fromEntries(plain.map((id) => [id, { mailboxIds: patchOf(id)['mailboxIds'] }])) }]]);
  return { before: before.list, failed: [...failed, ...Object.keys(again.notUpdated ?? {})] };
}
