/**
 * The gateway's workers, seen from `serve`: sign-in for their clients, and what they ask besides.
 *
 * Invariants: a session is registered before its `accepted` is sent, and until its worker says `closed` or its process
 * is known to be gone. Their part in holds is in `workers-in-holds.ts`.
 */
import type { Participant } from '#directory/route/holds.ts';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import type { SignInKeys } from '#signin/keys.ts';
import type { KnownNetworks } from '#signin/known-good/known-networks.ts';
import type { PassJudge } from '#signin/pass.ts';
import type { Attempt, Protocol, SessionToken, Verdict } from '#signin/verdict.ts';
import type { OwnChangeAnswer, OwnChangeAsked } from '#signin/secrets/own-change.ts';
import { workerGone } from './events.ts';
import { ALL_IN_HOLDS, type InHolds } from './in-holds.ts';
import type { FromWorker, KeptUidls, Saw, ToWorker } from './messages.ts';
import { type Channel, createRegistrations, type Registration, type Worker } from './registrations.ts';
import { createParticipant } from './workers-in-holds.ts';

export type SignInAttempt = (
  attempt: Attempt,
  register: (accountId: number) => SessionToken,
  signal: AbortSignal,
) => Promise<Verdict>;

export type GatewayWorkers = {
  add(channel: Channel): void;
  /** Tells all workers, and those that are added later. */
  tellNetworks(networks: KnownNetworks): void;
  /** By how many ms this process is late at what it has to do. */
  tellLateness(ms: number): void;
  readonly participant: Participant;
  /** Ends the session that the token of its registration names. `text` is for the client. */
  end(token: SessionToken, text: string): void;
  /** Ends all sessions of an account, for example a suspended one; or those of one protocol. */
  endAccount(accountId: number, text: string, protocol?: Protocol): void;
  /** Registered sessions. */
  sessions(): number;
};

/** Attempts of one worker at a time: more than sign-in can judge within a client's patience. */
const ATTEMPT_LIMIT = 5_000;
/** Questions without an answer: several for each hold that can be under way. Only a worker that hangs gets there. */
const ASK_LIMIT = 1_000;
/**
 * A worker died with sessions that were not quiet: the kernel closed their connections, but a command that a platform
 * had begun may run on. For this long the account is busy. Most commands take less.
 */
const AFTERMATH_MS = 10_000;

/** Answered at once, from memory. */
export type CouldJudge = (login: string, protocol: Protocol) => boolean;

/** What `directory/uidls/keeper.ts` finds. @throws what it does */
export type FindUidls = (accountId: number, home: string) => Promise<Exclude<KeptUidls, string> | undefined>;

export type PortalAnswers = {
  /** Answered at once, from memory. */
  readonly keysOf: (accountId: number) => SignInKeys | undefined;
  /** Never rejects. */
  readonly changeOwn: (change: OwnChangeAsked) => Promise<OwnChangeAnswer>;
};

type Options = { readonly attempt: SignInAttempt; readonly pass?: PassJudge; readonly couldJudge: CouldJudge; readonly uidls?: FindUidls; /** What the portal asks for more. */ readonly portal?: PortalAnswers; readonly inHolds?: InHolds; readonly onCrowded?: (accountId: number) => void; readonly onSaw?: (saw: Saw) => void; readonly clock: Clock; readonly emit: Emit };

export function createGatewayWorkers({ attempt, pass = async () => ({ verdict: 'unavailable', reason: 'pass-ended' }), couldJudge, uidls = async () => undefined, portal, inHolds = ALL_IN_HOLDS, onCrowded = () => {}, onSaw = () => {}, clock, emit }: Options): GatewayWorkers {
  const workers = new Set<Worker>();
  const registrations = createRegistrations();
  const aftermath = new Map<number, number>(); // account -> until (monotonic)
  let known: KnownNetworks | undefined;
  let lastAsk = 0;

  async function judge(worker: Worker, id: number, protocol: Protocol, verdictFor: (register: (accountId: number) => SessionToken, signal: AbortSignal) => Promise<Verdict>): Promise<void> {
    const abandoned = new AbortController();
    let registration: Registration | undefined;
    let verdict: Verdict = { verdict: 'unavailable', reason: 'overload' };
    if (worker.attempts.size < ATTEMPT_LIMIT) {
      worker.attempts.set(id, abandoned);
      try {
        verdict = await verdictFor((accountId) => (registration = registrations.add(worker, id, accountId, protocol)).token, abandoned.signal);
      } catch {
        verdict = { verdict: 'unavailable', reason: 'internal' };
      }
      worker.attempts.delete(id);
    }
    const accepted = verdict.verdict === 'accepted';
    if (accepted && registration?.accountId !== (verdict as { accountId: number }).accountId) {
      // A session that no hold would see must not begin.
      verdict = { verdict: 'unavailable', reason: 'internal' };
    }
    const waited = !worker.gone && !abandoned.signal.aborted;
    if (waited) worker.channel.send({ t: 'verdict', id, verdict });
    if (!waited || verdict.verdict !== 'accepted') return registrations.remove(registration);
    if (registration !== undefined) {
      registration.sent = true;
      registration.inHolds = inHolds(registration.protocol, verdict.home);
      registration.decide();
    }
  }

  /** Undefined when the worker is gone, or has long answered nothing. */
  function ask(worker: Worker, question: (ask: number) => ToWorker): Promise<FromWorker | undefined> {
    if (worker.gone || worker.asks.size >= ASK_LIMIT) return Promise.resolve(undefined);
    lastAsk += 1;
    const number = lastAsk;
    return new Promise((resolve) => {
      worker.asks.set(number, resolve);
      worker.channel.send(question(number));
    });
  }

  function answered(worker: Worker, message: FromWorker & { ask: number }): void {
    worker.asks.get(message.ask)?.(message);
    worker.asks.delete(message.ask);
  }

  function receive(worker: Worker, message: FromWorker): void {
    switch (message.t) {
      case 'attempt':
        return void judge(worker, message.id, message.attempt.protocol, (enter, signal) => attempt(message.attempt, enter, signal));
      case 'pass':
        return void judge(worker, message.id, 'webmail', (enter, signal) => pass(message.pass, enter, signal));
      case 'could-judge':
        return worker.channel.send({ t: 'judgeable', id: message.id, judgeable: couldJudge(message.login, message.protocol) });
      case 'ask-uidls': {
        const { id } = message;
        const answer = (found: KeptUidls): void => void (worker.gone || worker.channel.send({ t: 'uidls', id, uidls: found }));
        return void uidls(message.accountId, message.home).then((found) => answer(found ?? 'own'), () => answer('unknown'));
      }
      case 'ask-keys':
        return worker.channel.send({ t: 'keys', id: message.id, keys: portal?.keysOf(message.accountId) });
      case 'change-own': {
        const { id } = message;
        const answer = (found: OwnChangeAnswer): void => void (worker.gone || worker.channel.send({ t: 'own-change', id, answer: found }));
        return void portal?.changeOwn(message.change).then(answer);
      }
      case 'abandon':
        return worker.attempts.get(message.id)?.abort();
      case 'crowded':
        return onCrowded(message.accountId);
      case 'saw':
        return onSaw(message.saw);
      case 'closed':
        return registrations.remove(worker.registrations.get(message.id));
      case 'frozen':
      case 'cut-done':
        return answered(worker, message);
    }
  }

  function exited(worker: Worker): void {
    worker.gone = true;
    workers.delete(worker);
    const now = clock.monotonic();
    for (const [accountId, until] of aftermath) if (until <= now) aftermath.delete(accountId);
    if (worker.registrations.size > 0) emit(workerGone, { sessions: worker.registrations.size });
    for (const registration of worker.registrations.values()) {
      if (registration.sent && registration.inHolds && !worker.quiet.has(registration.accountId)) aftermath.set(registration.accountId, now + AFTERMATH_MS);
      registrations.remove(registration);
    }
    for (const abandoned of worker.attempts.values()) abandoned.abort();
    for (const resolve of worker.asks.values()) resolve(undefined);
    worker.asks.clear();
  }

  return {
    add(channel) {
      const worker: Worker = { channel, attempts: new Map(), registrations: new Map(), asks: new Map(), quiet: new Set(), gone: false };
      workers.add(worker);
      if (known !== undefined) channel.send({ t: 'networks', networks: known });
      channel.onMessage((message) => receive(worker, message));
      channel.onExit(() => exited(worker));
    },
    tellNetworks(networks) {
      known = networks;
      for (const { channel } of workers) channel.send({ t: 'networks', networks });
    },
    tellLateness(ms) {
      for (const { channel } of workers) channel.send({ t: 'late', ms });
    },
    participant: createParticipant({ workers, registrations, inAftermath: (accountId) => (aftermath.get(accountId) ?? 0) > clock.monotonic(), ask, clock }),
    end(token, text) {
      const registration = registrations.byToken(Number(token));
      registration?.worker.channel.send({ t: 'end', id: registration.id, text });
    },
    endAccount(accountId, text, only) {
      for (const { worker, id, protocol } of registrations.of(accountId)) {
        if (only === undefined || protocol === only) worker.channel.send({ t: 'end', id, text });
      }
    },
    sessions: registrations.size,
  };
}
