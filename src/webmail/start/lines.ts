/**
 * What a page begins with, in one answer (api.ts): asked for one after the other it took a browser four round trips, and
 * as many renderings, from the password to a list that can be read.
 *
 * Invariants: what is said is what the same calls by JMAP would say. What goes wrong is left out: the page asks again by
 * JMAP, and is told there.
 */
import { processRequest } from '../jmap/process.ts';
import type { Engine } from '../jmap/process.ts';
import type { Session } from '../jmap/session.ts';
import type { MailContext } from '../mail/context.ts';
import { NEWEST_FIRST, PAGE, ROW_PROPERTIES } from './api.ts';

type Boxes = { readonly list: readonly { readonly id: string; readonly role: string | null }[] };

export type Start = {
  readonly session: Session;
  readonly engine: Engine<MailContext>;
  readonly context: MailContext;
  /** Whether a conversation is one row; undefined: no list is wanted. */
  readonly collapseThreads: boolean | undefined;
};

/** @param tell gets each line's value; throws when nobody listens any more */
export async function tellStart({ session, engine, context, collapseThreads }: Start, tell: (line: object) => void): Promise<void> {
  tell({ session });
  const { accountId } = context.access;
  const ask = async (methodCalls: readonly (readonly [string, object, string])[]): Promise<readonly unknown[] | undefined> => {
    const body = Buffer.from(JSON.stringify({ using: [...engine.capabilities], methodCalls }));
    const outcome = await processRequest(body, engine, context, session.state);
    if ('problem' in outcome || outcome.response.methodResponses.some(([name]) => name === 'error')) return undefined;
    return outcome.response.methodResponses.map(([, answer]) => answer);
  };
  const [mailboxes] = (await ask([['Mailbox/get', { accountId, ids: null }, 'm']])) ?? [];
  if (mailboxes === undefined) return;
  tell({ mailboxes });
  const inbox = (mailboxes as Boxes).list.find(({ role }) => role === 'inbox');
  if (inbox === undefined || collapseThreads === undefined) return;
  const query = { accountId, filter: { inMailbox: inbox.id }, sort: NEWEST_FIRST, collapseThreads, position: 0, limit: PAGE, calculateTotal: !collapseThreads };
  const [page, rows] = (await ask([['Email/query', query, 'q'], ['Email/get', { accountId, '#ids': { resultOf: 'q', name: 'Email/query', path: '/ids' }, properties: ROW_PROPERTIES }, 'g']])) ?? [];
  if (page !== undefined && rows !== undefined) tell({ inbox: { page, rows } });
}
