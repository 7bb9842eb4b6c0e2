/**
 * Changes of mailboxes (RFC 8621 section 2.5).
 *
 * Invariant: nothing that holds messages goes without having been asked for by name and number; what is below a mailbox
 * goes before it, and where one of these stays, so does it.
 */
import type { QueryClient } from '@tanstack/react-query';
import type { ChosenRole } from '#webmail/mail/api.ts';
import { jmapOne } from '../api/jmap.ts';
import { keys } from '../api/keys.ts';
import type { Mailbox, SetAnswer, SetError } from '../api/types.ts';
import { deepestFirst } from './tree.ts';

/** Why it was not done, as the form tells it; undefined: it was. */
export type Refusal = 'taken' | 'badName' | 'refused' | 'failed' | 'orderNotKept' | 'roleNotKept' | undefined;

function refusalOf(error: SetError | undefined): Refusal {
  if (error === undefined) return undefined;
  if (error.type === 'alreadyExists') return 'taken';
  if (error.type === 'invalidProperties') {
    if (error.properties?.includes('role') === true) return 'roleNotKept';
    return error.properties?.includes('sortOrder') === true ? 'orderNotKept' : 'badName';
  }
  return 'refused';
}

async function set(client: QueryClient, change: Readonly<Record<string, unknown>>): Promise<SetAnswer | undefined> {
  try {
    return await jmapOne<SetAnswer>('Mailbox/set', change);
  } catch {
    return undefined;
  } finally {
    await client.invalidateQueries({ queryKey: keys.mailboxes });
  }
}

export async function createMailbox(client: QueryClient, name: string, parentId: string | null): Promise<Refusal> {
  const answer = await set(client, { create: { made: { name, parentId, isSubscribed: true } } });
  return answer === undefined ? 'failed' : refusalOf(answer.notCreated?.['made']);
}

export async function updateMailbox(client: QueryClient, id: string, patch: Partial<Pick<Mailbox, 'name' | 'parentId' | 'isSubscribed'>>): Promise<Refusal> {
  const answer = await set(client, { update: { [id]: patch } });
  return answer === undefined ? 'failed' : refusalOf(answer.notUpdated?.[id]);
}

/** @param from the mailbox that has the role: it has it first taken away, since no two can have it */
export async function giveRole(client: QueryClient, box: Mailbox, role: ChosenRole | null, from: Mailbox | undefined): Promise<Refusal> {
  const answer = await set(client, { update: { ...(from === undefined ? {} : { [from.id]: { role: null } }), [box.id]: { role } } });
  return answer === undefined ? 'failed' : refusalOf(Object.values(answer.notUpdated ?? {})[0]);
}

/** @param orders mailbox → sortOrder */
export async function orderMailboxes(client: QueryClient, orders: ReadonlyMap<string, number>): Promise<Refusal> {
  if (orders.size === 0) return undefined;
  const answer = await set(client, { update: Object.fromEntries([...orders].map(([id, sortOrder]) => [id, { sortOrder }])) });
  return answer === undefined ? 'failed' : refusalOf(Object.values(answer.notUpdated ?? {})[0]);
}

/** With all that is below it, and all messages in these. */
export async function deleteMailbox(client: QueryClient, id: string, boxes: readonly Mailbox[]): Promise<Refusal> {
  // One by one: a mailbox that still has another below it is refused.
  for (const box of deepestFirst(id, boxes)) {
    const answer = await set(client, { destroy: [box.id], onDestroyRemoveEmails: true });
    const refusal = answer === undefined ? 'failed' : refusalOf(answer.notDestroyed?.[box.id]);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}
