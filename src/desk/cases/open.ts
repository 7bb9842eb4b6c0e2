/**
 * Opening a case, with what is known of its account frozen as it is at that moment.
 *
 * Invariants: of one key there is one case, however often it is asked for. What is frozen is read here and never taken
 * from who asks.
 */
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import { audit, type Store, type Tx } from '#store/index.ts';
import { MOST_SUBJECT, type Made, type Priority } from './api.ts';
import { dueOf } from './clocks.ts';
import { putEntry } from './rows.ts';
import { tell } from './tell.ts';

/** What is known of an account: its `Screen` as plain JSON, and the verdict's line. Undefined: there is no such account. */
export type Freeze = (accountId: number) => Promise<Frozen | undefined>;
export type Frozen = { readonly line: string; readonly screen: object };

export type NewCase = {
  readonly key: string;
  readonly account?: number | undefined;
  readonly subject?: string | undefined;
  readonly priority?: Priority | undefined;
  readonly note?: string | undefined;
  readonly assignee: string | null;
  readonly by: string;
};

/** @throws CausewayError `not-found` for an account that is none, `input` without account and subject, `conflict` */
export async function openCase(store: Store, freeze: Freeze, asked: NewCase): Promise<Made> {
  const frozen = asked.account === undefined ? undefined : await freeze(asked.account);
  if (asked.account !== undefined && frozen === undefined) throw new CausewayError('not-found', `there is no account ${asked.account}`);
  return store.transaction((tx) => putCase(tx, asked, frozen, store.clock.now()));
}

/** The same within a transaction, for acts that make a case by the way. @param now ms since the epoch */
export async function putCase(tx: Tx, { key, account, subject, priority = 'normal', note, assignee, by }: NewCase, frozen: Frozen | undefined, now: number): Promise<Made> {
  const named = subject ?? asLine(frozen?.line ?? '');
  if (named === '') throw new CausewayError('input', 'a case has an account or a subject');
  const { answerDue, solutionDue } = dueOf(priority, now);
  const { rows } = await sql<{ id: number }>`
    insert into desk_case (key, account_id, subject, priority, assignee, opened_at, opened_by, answer_due, solution_due)
    values (${key}, ${account ?? null}, ${named}, ${priority}, ${assignee}, ${new Date(now)}, ${by}, ${new Date(answerDue)}, ${new Date(solutionDue)})
    on conflict (key) do nothing returning id`.execute(tx.db());
  if (rows[0] === undefined) {
    const { rows: before } = await sql<{ id: number; opened_by: string }>`select id, opened_by from desk_case where key = ${key}`.execute(tx.db());
    if (before[0]?.opened_by !== by) throw new CausewayError('conflict', 'another case has this key');
    return { id: before[0].id, made: false };
  }
  const { id } = rows[0];
  if (frozen !== undefined) await keepEvidence(tx, id, 'opened', frozen);
  if (note !== undefined) await putEntry(tx, { caseId: id, by, kind: 'note', text: note });
  await audit(tx, { actor: by, act: 'case.opened', subject: `case:${id}`, detail: { account, priority, assignee } });
  await tell(tx, 'case.opened', id, { by, text: note });
  return { id, made: true };
}

export async function keepEvidence(tx: Tx, caseId: number, why: 'opened' | 'escalated', { screen }: Frozen): Promise<void> {
  await sql`insert into desk_evidence (case_id, why, frozen) values (${caseId}, ${why}, ${JSON.stringify(screen)}::jsonb)`.execute(tx.db());
}

/** A verdict's line as a subject: one line, within its cap, no half of a character at its end. */
function asLine(text: string): string {
  return [...text.replaceAll(/\p{Cc}+/gu, ' ').trim()].slice(0, MOST_SUBJECT / 2).join('');
}
