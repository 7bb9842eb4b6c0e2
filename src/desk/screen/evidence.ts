/**
 * What is known of one account at one moment: what a verdict is made from, what the screen shows, what a case keeps frozen.
 *
 * Invariants: plain JSON, so that it can be kept as it was and read again equal; times are wall times in ms since the
 * epoch; what is not there is absent, never null. No secret, no hash and no message's content. Every list has a cap.
 */
import type { AccountState, AppScope } from '#directory/account.ts';
import type { Phase, Stage } from '#directory/route/route.ts';
import type { SignInMeans, SignInOutcome, SignInReason } from '#directory/secrets/sign-in-seen.ts';
import type { IncidentKind } from '#incident/incident.ts';
import type { Back, FailureClass, MoveState, ReadBack } from '#mover/tables.ts';
import type { PlanState, WaveState } from '#cutover/tables.ts';
import type { DeliveryOutcome } from '#directory/seen/delivery-seen.ts';
import type { DoorFault } from '#directory/seen/door-seen.ts';
import type { NetworkExplained } from '#signin/locks/explain.ts';

export type Evidence = {
  /** When it was gathered. */
  readonly at: number;
  readonly who: Who;
  readonly move: MoveEvidence;
  /** The latest first; 200 at most, of 30 days. */
  readonly signIns: readonly SignInEvidence[];
  readonly locks: LockEvidence;
  /** Since when the platforms of which it depends work again, as far as an outage of theirs was seen. */
  readonly back?: OutageEnds;
  /** Failures before any sign-in, from networks that this account signed in from. They name no account: perhaps somebody else's. */
  readonly door: readonly DoorEvidence[];
  /** Of the last flip. Absent: it never moved. */
  readonly receipt?: ReceiptEvidence;
  readonly uidls: readonly UidlEvidence[];
  /** Of 14 days, the latest first, 50 at most. */
  readonly deliveries: readonly DeliveryEvidence[];
  /** Open, or ended within the day, and touching the account; the latest first. */
  readonly incidents: readonly IncidentEvidence[];
  /** The latest first, 20 at most. */
  readonly cases: readonly CaseEvidence[];
  /** What people and systems changed of the account, the latest first, 30 at most. */
  readonly changes: readonly ChangeEvidence[];
};

export type Who = {
  readonly id: number;
  readonly address: string;
  /** The customer's own name, as the provider's systems have it. */
  readonly name?: string;
  readonly phones: readonly string[];
  readonly customerNumber?: string;
  readonly loginNames: readonly string[];
  readonly recipients: readonly string[];
  readonly state: AccountState;
  readonly home: string;
  /** Whose word on the secret is final: `ours`, or a platform's name. */
  readonly authority: string;
  readonly epoch: number;
  readonly credentialVersion: number;
  /** Whether we hold a hash, by which we can admit while the platform is dead. */
  readonly hashHeld: boolean;
  /** Of the last secret that was replaced. Absent: none that we know of. */
  readonly secretChangedAt?: number;
  readonly secondStep?: { readonly everywhere: boolean };
  readonly passkeys: number;
  /** Browsers that are signed in. */
  readonly webSessions: number;
  /** Those that were not revoked. */
  readonly appPasswords: readonly { readonly id: number; readonly label: string; readonly scope: readonly AppScope[]; readonly createdAt: number; readonly lastUsedAt?: number }[];
};

export type MoveEvidence = {
  readonly phase: Phase;
  readonly stage?: Stage;
  readonly holdDeadline?: number;
  /** Of the newest plan that has the account. Absent: none has. */
  readonly wave?: {
    readonly plan: string;
    readonly planState: PlanState;
    /** Why the plan is paused. */
    readonly planReason?: string;
    readonly source: string;
    readonly target: string;
    readonly number: number;
    readonly name: string;
    readonly state: WaveState;
    readonly startedAt?: number;
    readonly endedAt?: number;
  };
  /** The newest first, five at most; those that only follow back are `back: 'following'`. */
  readonly moves: readonly MoveRowEvidence[];
  /** Messages that a platform did not take or give, 20 at most; `refusedTotal` counts all. */
  readonly refused: readonly { readonly mailbox: string; readonly bytes: number; readonly failure: FailureClass; readonly reason: string; readonly decided: boolean }[];
  readonly refusedTotal: number;
  /** A home that died was left: what came to it later than `followedAt` may be missing until it is merged. */
  readonly loss?: { readonly platform: string; readonly followedAt: number; readonly at: number; readonly mergedAt?: number; readonly givenUpAt?: number };
  /** When the account will be at its target; absent where nothing is to be expected or nothing is known. */
  readonly forecast?: { readonly fromAt: number; readonly toAt: number; readonly madeAt: number; readonly basis: string };
};

export type MoveRowEvidence = {
  readonly id: number;
  readonly source: string;
  readonly target: string;
  readonly state: MoveState;
  readonly back?: Back;
  readonly failure?: FailureClass;
  readonly error?: string;
  readonly messages: number;
  readonly bytes: number;
  readonly copiedMessages: number;
  readonly copiedBytes: number;
  readonly backedOut: number;
  readonly holdMs?: number;
  readonly requestedAt: number;
  readonly startedAt?: number;
  readonly heldAt?: number;
  readonly endedAt?: number;
  readonly followedAt?: number;
  readonly backUntil?: number;
};

export type SignInEvidence = {
  readonly protocol: string;
  /** As the locks count it: an address or a prefix; `elsewhere` for those of a crowd. */
  readonly network: string;
  /** What the program says of itself; empty where it says nothing. */
  readonly device: string;
  /** In plain words, a guess: `iPhone or iPad, Mail`. */
  readonly deviceGuess: string;
  readonly outcome: SignInOutcome;
  readonly means: SignInMeans;
  /** Why it was not accepted; empty when it was. `former`: the secret was one of the account's own before. */
  readonly reason: SignInReason;
  readonly times: number;
  readonly firstAt: number;
  readonly lastAt: number;
};

export type LockEvidence = {
  /** Distinct wrong secrets of all networks without a success, of `ceiling`. */
  readonly distinct: number;
  readonly ceiling: number;
  readonly closed?: { readonly since: number; readonly until: number };
  readonly networks: readonly LockedNetwork[];
  /** One sentence each, the most important first. */
  readonly inWords: readonly string[];
};

/** As an instance explains it, without what is not so. */
export type LockedNetwork = Omit<NetworkExplained, 'lockedUntil' | 'sprayingUntil'> & { readonly lockedUntil?: number; readonly sprayingUntil?: number };

/** `check`: passwords are judged again by whoever has the last word on this one's; `ours`: our own sign-in judges again; `way`: its home lets in again. */
export type OutageEnds = { readonly check?: number; readonly ours?: number; readonly way?: number };

export type DoorEvidence = { readonly network: string; readonly fault: DoorFault; /** Which version, or which host name was asked for. */ readonly detail: string; readonly times: number; readonly firstAt: number; readonly lastAt: number };

export type ReceiptEvidence = {
  readonly moveId: number;
  readonly at: number;
  readonly source: string;
  readonly target: string;
  readonly mailboxes: number;
  readonly messages: number;
  readonly bytes: number;
  readonly readBack: ReadBack;
  readonly unfenced: boolean;
  /** Left at the source by a person's decision, by class. */
  readonly refused: readonly { readonly failure: string; readonly messages: number }[];
};

/** Under which POP3 ids its messages go on at a platform. */
export type UidlEvidence = { readonly platform: string; readonly epoch: number; readonly kept: number; readonly marked: boolean };

export type DeliveryEvidence = { readonly platform: string; readonly outcome: DeliveryOutcome; readonly reason: string; readonly times: number; readonly firstAt: number; readonly lastAt: number };

export type IncidentEvidence =
  | { readonly seen: 'machine'; readonly id: string; readonly kind: IncidentKind; readonly platform: string; readonly protocols: readonly string[]; readonly beganAt: number; readonly endedAt?: number; readonly accounts: number }
  | { readonly seen: 'people'; readonly id: string; readonly title: string; readonly components: readonly string[]; readonly state: string; readonly impact: string; readonly beganAt: number; readonly endedAt?: number; /** A person said that it touches the account, or a case of it is attached. */ readonly attached: boolean };

export type CaseEvidence = { readonly id: number; readonly state: string; readonly subject: string; readonly openedAt: number; readonly closedAt?: number; readonly incidentId?: string };

export type ChangeEvidence = { readonly at: number; readonly actor: string; readonly act: string; readonly why?: string };
