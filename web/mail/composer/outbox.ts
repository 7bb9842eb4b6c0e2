/**
 * Messages that are on their way: each waits a moment in which it can be taken back, at the server where that can keep it,
 * else here; and then is sent.
 *
 * Invariants: a message that was taken back is not sent; one that is being sent cannot be taken back; none is sent twice. In
 * an outage it waits, and can still be taken back.
 */
import { createListeners } from '#ui/listeners.ts';
import type { Outcome } from './submit.ts';

export type Step =
  /** Here. @param until milliseconds since 1970 */
  | { readonly kind: 'waiting'; readonly until: number }
  | { readonly kind: 'sending' }
  /** At the server, whatever becomes of this page. `isLate`: it should have been sent by now. */
  | { readonly kind: 'held'; readonly submissionId: string; readonly until: number; readonly isLate: boolean }
  | { readonly kind: 'taking-back' }
  /** Not sent; tried again by itself. */
  | { readonly kind: 'delayed' }
  | Extract<Outcome, { readonly kind: 'sent' | 'refused' | 'unknown' }>;

export type Entry<What> = { readonly key: number; readonly what: What; readonly step: Step };

export type OutboxParts<What> = {
  /** Never rejects, as the others here. */
  submit(what: What): Promise<Outcome>;
  /** What became of one that the server held. */
  outcome(what: What, submissionId: string): Promise<Outcome>;
  /** @returns whether it is not sent; undefined: that cannot be told now */
  takeBack(what: What, submissionId: string): Promise<boolean | undefined>;
  /** @returns cancels it */
  after(ms: number, run: () => void): () => void;
  /** Milliseconds since 1970. */
  now(): number;
};

export type Outbox<What> = {
  readonly entries: readonly Entry<What>[];
  subscribe(listener: () => void): () => void;
  /** @param ms in which it can be taken back here, before the server has it */
  add(what: What, ms: number): number;
  sendNow(key: number): void;
  /** @returns what was taken back; undefined: it is too late, or not known yet */
  takeBack(key: number): Promise<What | undefined>;
  /** Of what the server has, is sent, refused or unknown: it has been seen. */
  dismiss(key: number): void;
  /** Whether closing the page would lose the sending of something. */
  readonly isBusy: boolean;
};

const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 30_000;
/** After the time at which the server sends it. */
const LOOK_MS = 1_000;

export function createOutbox<What>({ submit, outcome: outcomeOf, takeBack, after, now }: OutboxParts<What>): Outbox<What> {
  let entries: readonly Entry<What>[] = [];
  let lastKey = 0;
  const listeners = createListeners();
  const timers = new Map<number, () => void>();

  function put(next: readonly Entry<What>[]): void {
    entries = next;
    listeners.tell();
  }

  const find = (key: number): Entry<What> | undefined => entries.find((each) => each.key === key);

  function become(key: number, step: Step): void {
    put(entries.map((each) => (each.key === key ? { ...each, step } : each)));
  }

  function plan(key: number, ms: number, run: () => Promise<void>): void {
    timers.get(key)?.();
    timers.set(key, after(ms, () => void run()));
  }

  function stop(key: number): void {
    timers.get(key)?.();
    timers.delete(key);
  }

  async function send(key: number, retryMs: number): Promise<void> {
    stop(key);
    const entry = find(key);
    if (entry === undefined || (entry.step.kind !== 'waiting' && entry.step.kind !== 'delayed')) return;
    become(key, { kind: 'sending' });
    const outcome = await submit(entry.what);
    if (outcome.kind === 'unreachable') {
      become(key, { kind: 'delayed' });
      plan(key, retryMs, () => send(key, Math.min(retryMs * 2, LONGEST_RETRY_MS)));
    } else if (outcome.kind === 'held') wait(key, outcome);
    else become(key, outcome);
  }

  function wait(key: number, { submissionId, until }: Extract<Outcome, { readonly kind: 'held' }>): void {
    become(key, { kind: 'held', submissionId, until, isLate: false });
    plan(key, Math.max(0, until - now()) + LOOK_MS, () => look(key, FIRST_RETRY_MS));
  }

  async function look(key: number, retryMs: number): Promise<void> {
    stop(key);
    const entry = find(key);
    if (entry?.step.kind !== 'held') return;
    const { submissionId, until } = entry.step;
    const outcome = await outcomeOf(entry.what, submissionId);
    // Dismissed or taken back meanwhile.
    if (find(key)?.step.kind !== 'held') return;
    if (outcome.kind !== 'unreachable' && outcome.kind !== 'held') return become(key, outcome);
    become(key, { kind: 'held', submissionId, until, isLate: true });
    plan(key, retryMs, () => look(key, Math.min(retryMs * 2, LONGEST_RETRY_MS)));
  }

  function remove(key: number): void {
    stop(key);
    put(entries.filter((each) => each.key !== key));
  }

  return {
    get entries() {
      return entries;
    },
    get isBusy() {
      return entries.some(({ step }) => step.kind === 'waiting' || step.kind === 'sending' || step.kind === 'delayed');
    },
    subscribe: listeners.subscribe,
    add(what, ms) {
      const key = (lastKey += 1);
      put([...entries, { key, what, step: { kind: 'waiting', until: now() + ms } }]);
      plan(key, ms, () => send(key, FIRST_RETRY_MS));
      return key;
    },
    sendNow: (key) => void send(key, FIRST_RETRY_MS),
    async takeBack(key) {
      const entry = find(key);
      if (entry?.step.kind === 'waiting' || entry?.step.kind === 'delayed') {
        remove(key);
        return entry.what;
      }
      if (entry?.step.kind !== 'held') return undefined;
      const { step } = entry;
      stop(key);
      become(key, { kind: 'taking-back' });
      const isBack = await takeBack(entry.what, step.submissionId);
      if (isBack === true) {
        remove(key);
        return entry.what;
      }
      become(key, { ...step, isLate: false });
      plan(key, LOOK_MS, () => look(key, FIRST_RETRY_MS));
      return undefined;
    },
    dismiss(key) {
      const kind = find(key)?.step.kind;
      if (kind === 'held' || kind === 'sent' || kind === 'refused' || kind === 'unknown') remove(key);
    },
  };
}
