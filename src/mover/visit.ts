/**
 * One visit: what a worker has in hand while it holds a move's claim and is signed in at both platforms.
 *
 * Invariant: the source is only read (EXAMINE, BODY.PEEK), but for what came to the target past us (strays.ts); the target
 * is written only under the claim's fence.
 */
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import type { ImapConnection } from '#imap/connection.ts';
import type { Store } from '#store/index.ts';
import type { MoverPlatform } from './access.ts';
import type { Book } from './ledger/book.ts';
import type { Claim, MoveRow } from './claim.ts';
import type { Refusals } from './copy/refusals.ts';
import type { UnderWay } from './copy/under-way.ts';
import type { Window } from './copy/window.ts';

/** A platform, and what it knows the account by. */
export type Side = { readonly platform: MoverPlatform; readonly login: string };

export type Visit = {
  readonly claim: Claim;
  readonly move: MoveRow;
  readonly address: string;
  /** Of the account's route when the round began. */
  readonly epoch: number;
  readonly source: ImapConnection;
  readonly target: ImapConnection;
  /** How to get to what is not IMAP. */
  readonly sides: { readonly source: Side; readonly target: Side };
  readonly store: Store;
  readonly clock: Clock;
  readonly emit: Emit;
  /** UIDVALIDITY values ever seen at the source, as `seenKey` writes them. */
  readonly seen: Set<string>;
  /** The target is only added to, and its flags set: nothing is expunged or deleted there (follow-back.ts). */
  readonly additive: boolean;
  /** The target is where the account lives: additive, and what customers did there stands (merge.ts). */
  readonly toHome: boolean;
  /** The account lived at the target before: what came there past us is the account's, too (strays.ts). */
  readonly returning: boolean;
  /** How long the source is kept current after the flip. */
  readonly windowDays: number;
  /** Of all lanes together. */
  readonly window: Window;
  /** Of all lanes together. */
  readonly book: Book;
  /** Whether the ledger had no row of this way when the round began, and no pass has ended since: then none is read. */
  readonly unledgered: { so: boolean };
  /** Of all lanes together. */
  readonly underWay: UnderWay;
  /** One more pair of connections, for a lane of its own (lanes.ts). Absent where one must do. */
  readonly widen: (() => Promise<readonly [source: ImapConnection, target: ImapConnection]>) | undefined;
  /** Whether lanes of their own are to be given back: a customer needs the connections. */
  crowded(): boolean;
  /** Messages that the source listed and did not give, once. */
  readonly absent: Set<string>;
  /** Of all lanes together. */
  readonly refusals: Refusals;
  /** Whether this round has used up its time: no further piece is begun, what is under way is finished. */
  spent(): boolean;
  /** Something was carried forward for good. */
  progressed(): void;
};

/** What events name a move by. */
export function subjectOf({ move }: Visit): { move: number; account: number } {
  return { move: move.id, account: move.account_id };
}
