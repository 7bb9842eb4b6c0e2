/**
 * What a visit knows of messages that a platform refuses, and of those that a person decided to move without.
 *
 * Invariants: a refusal is of one message, with its class and the platform's words; all of a mailbox's other messages are
 * copied before the move waits for a person. An account never flips with a refused message that nobody decided about. One
 * that was left out stays where it is: neither a move nor the way back removes it, and each receipt names it.
 */
import { sql } from 'kysely';
import { messageOf } from '#errors/index.ts';
import type { Store } from '#store/index.ts';
import type { Claim } from '../claim.ts';
import type { Aside, LeftOut } from '../lists/aside.ts';
import { classOf, finalFailure, passingFailure } from '../failure.ts';
import type { Place } from '../ledger/ledger.ts';
import { isOfOneMessage, type RefusedRow } from '../refused.ts';
import type { FailureClass } from '../tables.ts';

/** Beyond so many in one move it is the platform that is looked at, not each message. A row is some 300 bytes. */
const MOST = 10_000;
/** Refused in words that we do not know, one after the other: then it is the target that is ill or full, not they. */
const UNKNOWN_IN_A_ROW = 10;

/** What may be about one message, and may be about the platform: a move asks again before it waits for a person. */
const PERHAPS: ReadonlySet<FailureClass> = new Set(['append', 'source-read']);

type Life = { readonly mailbox: string; readonly uidValidity: number };

export type Refusals = {
  /** Messages of the source without which the account moves, by a person's decision. */
  leftOut(of: Life): ReadonlySet<number>;
  /** Messages of the target that the account was once moved away without: on the way back they are where they were. */
  kept(of: Life): ReadonlySet<number>;
  /** Whether the target's mailbox of this name, in whichever life, has such. */
  keepsAny(mailbox: string): boolean;
  /** UIDs of the source that were refused in this move, and are not tried again. */
  known(of: Life): ReadonlySet<number>;
  /** @returns false when the rest is not to go on: it says nothing about this message alone, or is one too many */
  note(place: Place, message: Aside, error: unknown): boolean;
  /** A message was taken: the platform is well. */
  taken(): void;
  /** What is written behind the signature: of the messages that were left out, those which the source still has. */
  receiptOf(of: Life, present: readonly Aside[]): LeftOut[];
  /** Writes down what was noted. */
  writeDown(): Promise<void>;
  /** Whether `settle` would throw. */
  open(): boolean;
  /** As `writeDown`. @throws the failure of the first refusal that nobody decided about */
  settle(): Promise<void>;
};

const keyOf = ({ mailbox, uidValidity }: Life): string => `${uidValidity} ${mailbox}`;
export const sourceLife = ({ mailbox, sourceUidValidity: uidValidity }: Place): Life => ({ mailbox, uidValidity });
export const targetLife = ({ targetMailbox: mailbox, targetUidValidity: uidValidity }: Place): Life => ({ mailbox, uidValidity });

type Noted = RefusedRow & { written: boolean };

export async function openRefusals(store: Store, claim: Claim): Promise<Refusals> {
  const { row: move } = claim;
  const { rows } = await sql<RefusedRow & { source: string; move: number }>`
    select source, mailbox, source_uidvalidity as "uidValidity", source_uid as uid, size, failure, reason, decided_by as "decidedBy",
      decided_at as "decidedAt", move_id as move
    from refused where account_id = ${move.account_id} and (source, target) in ((${move.source}, ${move.target}), (${move.target}, ${move.source}))`.execute(store.db());
  const noted = new Map<string, Map<number, Noted>>();
  const kept = new Map<string, Set<number>>();
  const add = (row: Noted): void => void (noted.get(keyOf(row)) ?? noted.set(keyOf(row), new Map()).get(keyOf(row))!).set(row.uid, row);
  for (const { source, move: of, ...row } of rows) {
    if (source !== move.source) {
      if (row.decidedAt !== null) (kept.get(keyOf(row)) ?? kept.set(keyOf(row), new Set()).get(keyOf(row))!).add(row.uid);
    } else if (row.decidedAt !== null || (of === move.id && isOfOneMessage(row.failure))) {
      add({ ...row, written: true });
    }
  }
  return createRefusals(claim, noted, kept);
}

/** @param noted, kept by life, as the table has them */
export function createRefusals(
  { row: move, transaction }: Pick<Claim, 'row' | 'transaction'>,
  noted: Map<string, Map<number, Noted>> = new Map(),
  kept: ReadonlyMap<string, ReadonlySet<number>> = new Map(),
): Refusals {
  let unknownInARow = 0;
  let count = 0;
  const all = (): Noted[] => [...noted.values()].flatMap((rows) => [...rows.values()]);
  const undecided = (): Noted[] => all().filter(({ decidedAt }) => decidedAt === null);
  const among = (of: Life, test: (row: Noted) => boolean): ReadonlySet<number> =>
    new Set([...(noted.get(keyOf(of))?.values() ?? [])].filter(test).map(({ uid }) => uid));

  async function writeDown(): Promise<void> {
    const fresh = all().filter(({ written }) => !written);
    if (fresh.length === 0) return;
    await transaction(async (tx) => {
      await sql`insert into refused (account_id, source, target, mailbox, source_uidvalidity, source_uid, size, failure, reason, move_id, decided_by, decided_at)
        select ${move.account_id}, ${move.source}, ${move.target}, new.mailbox, new."uidValidity", new.uid, new.size, new.failure, new.reason, ${move.id},
          new."decidedBy", new."decidedAt"
        from jsonb_to_recordset(${JSON.stringify(fresh)}::jsonb) as new(mailbox text, "uidValidity" bigint, uid bigint, size bigint, failure text,
          reason text, "decidedBy" text, "decidedAt" timestamptz)
        on conflict (account_id, source, target, mailbox, source_uidvalidity, source_uid) do update
        set size = excluded.size, failure = excluded.failure, reason = excluded.reason, move_id = excluded.move_id`.execute(tx.db());
    });
    for (const row of fresh) row.written = true;
  }

  return {
    leftOut: (of) => among(of, ({ decidedAt }) => decidedAt !== null),
    kept: (of) => kept.get(keyOf(of)) ?? new Set(),
    keepsAny: (mailbox) => [...kept.keys()].some((key) => key.slice(key.indexOf(' ') + 1) === mailbox),
    known: (of) => among(of, () => true),
    note(place, { uid, size }, error) {
      const known = classOf(error);
      if (known === undefined || (!isOfOneMessage(known.failure) && !PERHAPS.has(known.failure))) return false;
      if (known.failure === 'append') unknownInARow += 1;
      if (unknownInARow > UNKNOWN_IN_A_ROW || count >= MOST) return false;
      count += 1;
      const order = move.without?.classes.includes(known.failure) === true ? move.without : undefined;
      const life = sourceLife(place);
      const row = { ...life, uid, size, failure: known.failure, reason: messageOf(error), decidedBy: order?.by ?? null, decidedAt: order === undefined ? null : new Date() };
      (noted.get(keyOf(life)) ?? noted.set(keyOf(life), new Map()).get(keyOf(life))!).set(uid, { ...row, written: false });
      return true;
    },
    taken: () => void (unknownInARow = 0),
    receiptOf(of, present) {
      const rows = noted.get(keyOf(of));
      return present.flatMap(({ uid, size }) => {
        const row = rows?.get(uid);
        if (row === undefined || row.decidedBy === null || row.decidedAt === null) return [];
        return [{ ...of, uid, size, failure: row.failure, reason: row.reason, decidedBy: row.decidedBy, decidedAt: row.decidedAt.toISOString() }];
      });
    },
    writeDown,
    open: () => undecided().length > 0,
    async settle() {
      await writeDown();
      const open = undecided();
      const first = open.find(({ failure }) => isOfOneMessage(failure)) ?? open[0];
      if (first === undefined) return;
      const more = open.length === 1 ? '' : `; and ${open.length - 1} more messages are refused`;
      throw (isOfOneMessage(first.failure) ? finalFailure : passingFailure)(first.failure, first.reason + more);
    },
  };
}
