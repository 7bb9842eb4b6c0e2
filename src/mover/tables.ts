/**
 * The room's tables (made in migrations.ts).
 *
 * move: one row a move; the truth about it (the queue only wakes). `claim` counts take-overs, and a writer that is no
 * longer (owner, claim) changes nothing. `back`: null for a move that somebody asked for; `following` for what keeps the
 * former home current until `back_until` (follow-back.ts), with `followed_at`, up to when; `asked` for a rollback,
 * `without` for one from a home that is dead (abandon.ts), `merging` for what brings the rest when it can be read again
 * (merge.ts). Rows that follow or merge end as cancelled: nothing is moved by them. `unclean` remembers that a connection
 * or an owner was lost while commands may have been on their way: no hold before `hold_after`.
 * mailbox_pair: which mailbox of the target stands for which of the source, and whether the mover made it.
 * ledger: source UID ↔ target UID ↔ fingerprint. A row is written only after the target's tagged OK; a row with
 * `read_back` was fetched from the target, and its bytes had this fingerprint.
 * refused: messages that a platform did not take or give, and who decided that the account moves without them (refused.ts).
 * uidvalidity_seen: every UIDVALIDITY that a client may have cached for a mailbox; never deleted.
 */
import { sql } from 'kysely';
import type { Generated } from 'kysely';

export type MoveState = 'queued' | 'copying' | 'following' | 'held' | 'moved' | 'failed' | 'cancelled';

/** The states in which a move is still going on. */
export const OPEN: readonly MoveState[] = ['queued', 'copying', 'following', 'held'];

export type Back = 'following' | 'asked' | 'without' | 'merging';

/** What goes on beside the account's home, and is nobody's move. */
export const BESIDE: readonly Back[] = ['following', 'merging'];

/** Sets a row's end without a flip, by nobody's failure. */
export const CANCELLED = sql`state = 'cancelled', owner = null, owner_until = null, ended_at = clock_timestamp()`;

/** Why a move failed, by class: for gates, counters and the list of what a person must look at. */
export type FailureClass =
  | 'too-big'
  | 'quota'
  | 'content' // NUL, invalid header, virus: the message's bytes
  | 'append' // refused without a reason that we know
  | 'flags'
  | 'date'
  | 'mailbox' // CREATE, SELECT or the name
  | 'uidvalidity'
  | 'mismatch' // read back, and it was not what the source holds
  | 'sign-in'
  | 'source-read' // the source cannot give one of its messages
  | 'uidl' // POP3 clients would fetch all again
  | 'filters' // ManageSieve scripts that the target does not take
  | 'unavailable' // too many attempts in a row without progress
  | 'state' // the account's route is not what the move needs
  | 'internal';

/** Which copies are read back from the target: all, a sample of one in twenty, or none. */
export type ReadBack = 'all' | 'sample' | 'none';

export type MoveTable = {
  id: Generated<number>;
  account_id: number;
  source: string;
  target: string;
  wave_id: number | null;
  state: Generated<MoveState>;
  owner: string | null;
  owner_until: Date | null;
  claim: Generated<number>;
  /** Attempts in a row without progress. */
  attempt: Generated<number>;
  /** Of the last failed attempt, or of the failure. */
  error: string | null;
  failure: FailureClass | null;
  /** At the source, when last listed. */
  messages: Generated<number>;
  bytes: Generated<number>;
  copied_messages: Generated<number>;
  copied_bytes: Generated<number>;
  /** Of large messages that are not carried over yet, what has come (under-way.ts). */
  under_way_bytes: Generated<number>;
  /** Of the hold in progress. */
  epoch: number | null;
  next_at: Generated<Date>;
  enqueued_at: Date | null;
  unclean: Generated<boolean>;
  hold_after: Generated<Date>;
  requested_at: Generated<Date>;
  started_at: Date | null;
  held_at: Date | null;
  ended_at: Date | null;
  hold_ms: number | null;
  backed_out: Generated<number>;
  read_back: Generated<ReadBack>;
  back: Back | null;
  /** All that was at the source then is at the target. */
  followed_at: Date | null;
  back_until: Date | null;
  /** When a customer's client was last refused for want of connections (crowded.ts). */
  crowded_at: Date | null;
  /** Classes of messages that the account may be moved without, and who decided that. */
  without: { readonly classes: readonly FailureClass[]; readonly by: string } | null;
};

/** Where both sides of a pair stood before a pass, after which the ledger says what they hold (standing.ts, drawn-lists.ts). */
export type Standing = {
  readonly source: string;
  readonly target: string;
  readonly messages: number;
  readonly bytes: number;
  /** The pass changed what was there: at the target things are otherwise now. */
  readonly changed?: true;
  /** UIDs at the target whose flags it set. */
  readonly stored?: readonly number[];
};

export type MailboxPairTable = {
  move_id: number;
  source_mailbox: string;
  target_mailbox: string;
  source_uidvalidity: number | null;
  target_uidvalidity: number | null;
  created: boolean;
  /** `untrue`: a side's mod-sequences were found not to be. */
  standing: Standing | 'untrue' | null;
};

export type LedgerTable = {
  account_id: number;
  source: string;
  target: string;
  mailbox: string;
  source_uidvalidity: number;
  source_uid: number;
  target_mailbox: string;
  target_uidvalidity: number;
  target_uid: number;
  /** SHA-256 of the message's bytes as fetched from the source. */
  fingerprint: Buffer;
  /** Seconds since the epoch: what is compared; servers write the same instant in zones of their own. */
  internal_date: number;
  internal_date_text: string;
  flags: string[];
  /** Bytes as fetched. */
  size: number;
  /** RFC822.SIZE as the target said when the message was read back; some servers' differ from the bytes. */
  target_size: number | null;
  read_back: boolean;
};

export type ReceiptTable = {
  id: Generated<number>;
  account_id: number;
  move_id: number;
  body: string;
  signature: string;
  key_id: string;
  at: Generated<Date>;
};

/** What a rollback from a dead home left behind there. */
export type LossTable = {
  move_id: number;
  account_id: number;
  /** The platform that could not be read. */
  platform: string;
  /** What came to it later than this may be missing at the home; what came before is there. */
  followed_at: Date;
  at: Generated<Date>;
  merged_at: Date | null;
  /** A person decided that what is left there stays there. */
  given_up_at: Date | null;
  merged_messages: Generated<number>;
  merged_bytes: Generated<number>;
};

export type RefusedTable = {
  account_id: number;
  source: string;
  target: string;
  mailbox: string;
  source_uidvalidity: number;
  source_uid: number;
  size: number;
  failure: FailureClass;
  reason: string;
  /** The last that met it. */
  move_id: number;
  decided_by: string | null;
  decided_at: Date | null;
};

export type MoverTables = {
  refused: RefusedTable;
  loss: LossTable;
  move: MoveTable;
  mailbox_pair: MailboxPairTable;
  ledger: LedgerTable;
  uidvalidity_seen: { account_id: number; platform: string; mailbox: string; uidvalidity: number };
  receipt: ReceiptTable;
};
