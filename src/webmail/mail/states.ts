/**
 * State strings: a digest of what the platform counts, UIDVALIDITY, UIDNEXT, number of messages, of unread ones, and
 * HIGHESTMODSEQ. What a digest stood for is remembered for some time, for /changes.
 *
 * Invariant: whatever a client could see changes the state, as far as the platform lets it be seen: without HIGHESTMODSEQ a
 * flag that another client sets changes it only when it is \Seen. What is changed through us always does.
 */
import { createHash } from 'node:crypto';
import type { MailContext } from './context.ts';
import type { Box } from './mailboxes.ts';

/** `after`: so many writes of ours, as far as that is sure. */
export type EmailState = { readonly counts: ReadonlyMap<string, NonNullable<Box['counts']>>; readonly after: number | undefined };
export type MailboxState = ReadonlyMap<string, { readonly facts: string; readonly counts: string }>;

export function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 20);
}

export async function emailState(context: MailContext): Promise<string> {
  const { all } = await context.mailboxes();
  const boxes = all.filter(({ counts }) => counts !== undefined);
  const counted = boxes.every(({ counts }) => counts?.modSeq !== undefined);
  const { writes, states } = context.access.memory;
  const state = digest([boxes.map(({ id, counts }) => [id, counts]).sort(), counted ? 0 : [writes.count, writes.token]]);
  states.set(`e${state}`, { counts: new Map(boxes.map(({ id, counts }) => [id, counts])), after: context.readAfter() });
  return state;
}

export function rememberedEmailState(context: MailContext, state: string): EmailState | undefined {
  return context.access.memory.states.get(`e${state}`) as EmailState | undefined;
}

export async function mailboxState(context: MailContext): Promise<string> {
  const { all, order } = await context.mailboxes();
  const facts = all.map((box): [string, { facts: string; counts: string }] => [
    box.id,
    { facts: digest([box.path, box.parentId, box.role, box.isSubscribed, box.counts !== undefined, order[box.id] ?? null]), counts: digest([box.counts?.total, box.counts?.unread]) },
  ]);
  const state = digest(facts.sort());
  context.access.memory.states.set(`m${state}`, new Map(facts));
  return state;
}

export function rememberedMailboxState(context: MailContext, state: string): MailboxState | undefined {
  return context.access.memory.states.get(`m${state}`) as MailboxState | undefined;
}

/** Of what came (RFC 8621 section 1.5). A move is told, too: a platform does not say which of the two it was. */
export async function deliveryState(context: MailContext): Promise<string> {
  const { all } = await context.mailboxes();
  return digest(all.map(({ id, counts }) => [id, counts?.uidValidity, counts?.uidNext]).sort());
}
