/**
 * Saving a draft while it is written.
 *
 * Invariants: one save at a time; what was typed last is saved last; nothing typed is given up for a failure: an outage is
 * waited for, a refusal is told and tried again with what is typed next, a conflict waits for the writer's choice.
 */
export type SaveState =
  | { readonly kind: 'unchanged' }
  /** Something is not saved yet; a save is near. */
  | { readonly kind: 'dirty' }
  | { readonly kind: 'saving' }
  /** @param at milliseconds since 1970 */
  | { readonly kind: 'saved'; readonly at: number }
  /** The platform cannot be reached; it goes on by itself. */
  | { readonly kind: 'waiting' }
  /** For example a full mailbox. */
  | { readonly kind: 'refused'; readonly sentence: string }
  | { readonly kind: 'conflict' };

/** What came of one save. */
export type SaveOutcome =
  | { readonly kind: 'saved' }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'refused'; readonly sentence: string }
  | { readonly kind: 'conflict' };

export type SavingParts<Content> = {
  /** Never rejects. */
  save(content: Content): Promise<SaveOutcome>;
  /** @returns cancels it */
  after(ms: number, run: () => void): () => void;
  /** Milliseconds since 1970. */
  now(): number;
  onState(state: SaveState): void;
  /** Milliseconds that a save of this content waits for more to be typed. */
  pauseFor(content: Content): number;
};

export type Saving<Content> = {
  readonly state: SaveState;
  /** Everything as it is now. */
  typed(content: Content): void;
  /** Saves now what is not saved. @returns the state after it; 'waiting', 'refused' and 'conflict' are failures */
  flush(): Promise<SaveState>;
  /** The network or the platform is said to be back. */
  wake(): void;
  /** The writer chose; saving goes on. */
  resolved(): void;
  /** No more saves are begun. */
  stop(): void;
};

/** Between tries in an outage: short at first, since a hold takes about a second. */
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

/** Of a draft of up to SMALL octets: some words are lost at most, and a platform gets a message every few seconds. */
const PAUSE_MS = 3_000;
const SMALL = 500_000;
const LONGEST_PAUSE_MS = 60_000;

/** A draft is written anew at each save, with its attachments: large ones are saved less often. @param size octets */
export function pauseForSize(size: number): number {
  return Math.min(LONGEST_PAUSE_MS, Math.round(PAUSE_MS * Math.max(1, size / SMALL)));
}

export function createSaving<Content>({ save, after, now, onState, pauseFor }: SavingParts<Content>): Saving<Content> {
  let state: SaveState = { kind: 'unchanged' };
  let pending: { readonly content: Content } | undefined;
  let running: Promise<void> | undefined;
  let cancel: (() => void) | undefined;
  let retryMs = FIRST_RETRY_MS;
  let stopped = false;

  function become(next: SaveState): void {
    state = next;
    onState(next);
  }

  function plan(ms: number): void {
    cancel?.();
    cancel = after(ms, () => {
      cancel = undefined;
      void run();
    });
  }

  function run(): Promise<void> {
    cancel?.();
    cancel = undefined;
    if (running === undefined && (pending === undefined || stopped || state.kind === 'conflict')) return Promise.resolve();
    running ??= once().finally(() => {
      running = undefined;
    });
    return running;
  }

  async function once(): Promise<void> {
    if (pending === undefined) return;
    const { content } = pending;
    pending = undefined;
    become({ kind: 'saving' });
    const outcome = await save(content);
    const newer = pending as { readonly content: Content } | undefined;
    if (outcome.kind === 'saved') {
      retryMs = FIRST_RETRY_MS;
      become(newer === undefined ? { kind: 'saved', at: now() } : { kind: 'dirty' });
      if (newer !== undefined && !stopped) plan(pauseFor(newer.content));
      return;
    }
    pending = newer ?? { content };
    if (outcome.kind === 'unreachable') {
      become({ kind: 'waiting' });
      if (!stopped) plan(retryMs);
      retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
    } else {
      become(outcome.kind === 'refused' ? { kind: 'refused', sentence: outcome.sentence } : { kind: 'conflict' });
      // A refusal is not repeated for the same content: what is typed next is tried.
      if (outcome.kind === 'refused' && newer !== undefined && !stopped) plan(LONGEST_RETRY_MS);
    }
  }

  return {
    get state() {
      return state;
    },
    typed(content) {
      if (stopped) return;
      pending = { content };
      if (state.kind === 'saving' || state.kind === 'waiting' || state.kind === 'conflict') return;
      if (state.kind === 'refused') {
        if (cancel === undefined) plan(LONGEST_RETRY_MS);
        return;
      }
      if (state.kind !== 'dirty') become({ kind: 'dirty' });
      // Not put off by each key: who types without a pause is saved, too.
      if (cancel === undefined) plan(pauseFor(content));
    },
    async flush() {
      if (running !== undefined) await running;
      if (pending !== undefined) await run();
      return state;
    },
    wake() {
      if (state.kind === 'waiting' && running === undefined) {
        retryMs = FIRST_RETRY_MS;
        void run();
      }
    },
    resolved() {
      if (state.kind !== 'conflict') return;
      become({ kind: pending === undefined ? 'unchanged' : 'dirty' });
      if (pending !== undefined) plan(0);
    },
    stop() {
      stopped = true;
      cancel?.();
      cancel = undefined;
    },
  };
}
