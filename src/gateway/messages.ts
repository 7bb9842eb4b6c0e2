/**
 * What `serve` and its gateway workers say to each other over their IPC channel.
 *
 * Invariants: the channel keeps the order of what is sent. `id` is the worker's own number of an attempt (and of the
 * session that it leads to) or of a question; `ask` is the serve side's number of a question. A session is registered on
 * the serve side before its `accepted` is sent and until its `closed` comes.
 */
import type { DoorFault } from '#directory/index.ts';
import type { SignInKeys } from '#signin/keys.ts';
import type { KnownNetworks } from '#signin/known-good/known-networks.ts';
import type { Pass } from '#signin/pass.ts';
import type { Attempt, Protocol, Verdict } from '#signin/verdict.ts';
import type { OwnChangeAnswer, OwnChangeAsked } from '#signin/secrets/own-change.ts';

/** The ids of an account's messages for POP3: the platform's own, or those that were kept (directory/uidls). */
export type KeptUidls = 'own' | 'unknown' | { readonly epoch: number; readonly marked: boolean; readonly kept: string };

/** What a worker saw and `serve` keeps for the desk. `door`: a connection ended before anybody said who he is. `home`: a right secret, and the platform did not let us in. `let-in`: it did; told now and then. */
export type Saw =
  | { readonly saw: 'door'; readonly network: string; readonly fault: DoorFault; readonly detail: string }
  | { readonly saw: 'home'; readonly accountId: number; readonly protocol: Protocol; readonly network: string; readonly device: string; readonly home: string; readonly why: NotLetIn }
  | { readonly saw: 'let-in'; readonly home: string };

/** `no-service`: the home does not offer the protocol. `in-use`: POP3's maildrop, or all connections that the account may have. */
export type NotLetIn = 'platform' | 'no-service' | 'in-use';

export type ToWorker =
  | { readonly t: 'verdict'; readonly id: number; readonly verdict: Verdict }
  /** The answer to a worker's `could-judge`. */
  | { readonly t: 'judgeable'; readonly id: number; readonly judgeable: boolean }
  /** The answer to a worker's `ask-uidls`. */
  | { readonly t: 'uidls'; readonly id: number; readonly uidls: KeptUidls }
  /** The answer to a worker's `ask-keys`; undefined: no such account. */
  | { readonly t: 'keys'; readonly id: number; readonly keys: SignInKeys | undefined }
  /** The answer to a worker's `change-own`. */
  | { readonly t: 'own-change'; readonly id: number; readonly answer: OwnChangeAnswer }
  /** Answered by `frozen`, `busy` after `withinMs` at the latest. */
  | { readonly t: 'freeze'; readonly ask: number; readonly accountId: number; readonly withinMs: number; readonly abandoned: boolean }
  /** Answered by `cut-done`. */
  | { readonly t: 'cut'; readonly ask: number; readonly accountId: number }
  | { readonly t: 'thaw'; readonly accountId: number }
  /** Which networks had a success lately, as of now. */
  | { readonly t: 'networks'; readonly networks: KnownNetworks }
  /** How late `serve` is at what it has to do, in ms. */
  | { readonly t: 'late'; readonly ms: number }
  /** Ends one session. `text` is for the client. */
  | { readonly t: 'end'; readonly id: number; readonly text: string };

export type FromWorker =
  | { readonly t: 'attempt'; readonly id: number; readonly attempt: Attempt }
  /** Who signed in by a browser before. Answered by `verdict`, as an attempt is. */
  | { readonly t: 'pass'; readonly id: number; readonly pass: Pass }
  /** Nobody waits for the verdict any more. If it is under way already, an `accepted` is answered by `closed`. */
  | { readonly t: 'abandon'; readonly id: number }
  /** Whether a secret for this name could be judged, asked before it is sent. Answered by `judgeable`. */
  | { readonly t: 'could-judge'; readonly id: number; readonly login: string; readonly protocol: Protocol }
  /** Asked for an accepted POP3 session, before it begins. Answered by `uidls`. */
  | { readonly t: 'ask-uidls'; readonly id: number; readonly accountId: number; readonly home: string }
  /** The account's home refused a session: it has as many connections as it may have. */
  | { readonly t: 'crowded'; readonly accountId: number }
  | { readonly t: 'saw'; readonly saw: Saw }
  /** By what an account's owner signs in at the portal. Answered by `keys`. */
  | { readonly t: 'ask-keys'; readonly id: number; readonly accountId: number }
  /** The portal's customer changes her own secret. Answered by `own-change`. */
  | { readonly t: 'change-own'; readonly id: number; readonly change: OwnChangeAsked }
  /** The session's back-end connection has really ended, or was never made. */
  | { readonly t: 'closed'; readonly id: number }
  | { readonly t: 'frozen'; readonly ask: number; readonly answer: 'quiet' | 'busy' }
  /** `failed`: why the sessions cannot be known to have ended. */
  | { readonly t: 'cut-done'; readonly ask: number; readonly failed?: string };
