import { sql } from 'kysely';
import type { Generated } from 'kysely';
import type { Tx } from './transaction.ts';

export type AuditTables = {
  audit: {
    id: Generated<number>;
    at: Generated<Date>;
    actor: string;
    act: string;
    subject: string;
    why: string | null;
    detail: string | null;
  };
};

export type AuditEntry = {
  /** Who: `operator:root`, `mover`, `wave:3`. */
  readonly actor: string;
  /** What was done, in the past: `account.imported`, `wave.paused`. */
  readonly act: string;
  /** To what: `account:17`, `plan:2`. */
  readonly subject: string;
  readonly why?: string;
  /** What else matters; no secret. */
  readonly detail?: Readonly<Record<string, unknown>>;
};

/** Writes down what `tx` does, in `tx` itself: the row is there exactly when the change is. */
export async function audit(tx: Tx, entry: AuditEntry): Promise<void> {
  await tx
    .db<AuditTables>()
    .insertInto('audit')
    .values({
      actor: entry.actor,
      act: entry.act,
      subject: entry.subject,
      why: entry.why ?? null,
      detail: entry.detail === undefined ? null : JSON.stringify(entry.detail),
    })
    .execute();
}

/** The same act on many subjects, a row for each, as one statement. */
export async function auditEach(tx: Tx, subjects: readonly string[], entry: Omit<AuditEntry, 'subject'>): Promise<void> {
  if (subjects.length === 0) return;
  const detail = entry.detail === undefined ? null : JSON.stringify(entry.detail);
  await sql`
    insert into audit (actor, act, subject, why, detail)
    select ${entry.actor}, ${entry.act}, subject, ${entry.why ?? null}, ${detail}::jsonb from unnest(${subjects}::text[]) as done (subject)
  `.execute(tx.db());
}
