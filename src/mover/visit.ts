/**
 * One visit: what a worker has in hand while it holds a move's claim and is signed in at both platforms.
 *
 * Invariant: the source is only read (EXAMINE, BODY.PEEK); the target is written only under the claim's fence.
 */
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import type { ImapConnection } from '#imap/connection.ts';
import type { Store } from '#store/index.ts';
import type { MoverPlatform } from './access.ts';
import type { Claim, MoveRow } from './claim.ts';

/** A platform, and what it knows the account by. */
export type Side = { readonly platform: MoverPlatform; readonly login: string };

export type Visit = {
  readonly claim: Claim;
  readonly move: MoveRow;
  readonly address: string;
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
  /** Messages that the source listed and did not give, once. */
  readonly absent: Set<string>;
  /** Whether this round has used up its time: no further piece is begun, what is under way is finished. */
  spent(): boolean;
  /** Something was carried forward for good. */
  progressed(): void;
};

/** What events name a move by. */
export function subjectOf({ move }: Visit): { move: number; account: number } {
  return { move: move.id, account: move.account_id };
}
