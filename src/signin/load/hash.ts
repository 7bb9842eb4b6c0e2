/**
 * The hashing pool: a fixed set of threads, one job a thread.
 *
 * Invariants: a check that found no room, no time or no thread rejects; it is never a mismatch. Work that nobody waits
 * for is done only while nobody waits.
 */
import { availableParallelism } from 'node:os';
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Clock, NEEDLESS } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { CausewayError } from '#errors/index.ts';
import { createAdmission } from './admission.ts';
import { BESIDE, CHANGE, type Claim } from './claim.ts';
import { hashWorkerLost } from '../events.ts';
import type { Answer, Job, Match } from './hash-worker.ts';

export type { Match } from './hash-worker.ts';

export type Hasher = {
  /** @throws CausewayError('limit' | 'unavailable') when it could not be checked */
  verify(encoded: string, secret: string, claim: Claim): Promise<Match>;
  /** `{ARGON2ID}$argon2id$…`. Only while nobody waits for a check; rejects like `verify` otherwise. */
  make(secret: string): Promise<string>;
  /** The same for a customer who waits for it: before the checks of strangers. Rejects like `verify`. */
  makeInTurn(secret: string): Promise<string>;
  /** The work of a check, for a login name that is not there. Rejects like `verify`. */
  pretend(secret: string, claim: Claim): Promise<void>;
  /** Somebody waits: no time for work that nobody waits for. */
  readonly busy: boolean;
  close(): Promise<void>;
};

/** At the 106 checks a second and core of a quiet machine, what WAIT_MS has time for; a slower one refuses earlier. */
const QUEUE_PER_WORKER = 850;

/** With two seconds for the check itself and the answer, the ten that a customer is kept. A customer whose hash we hold
 * has no other way in when the platform is dead, so the wait is as long as it may be. */
const WAIT_MS = 8000;

/** Ten times the longest check that `scheme.ts` lets through: a thread that takes longer is stuck, and is replaced. */
const STUCK_MS = 5000;

/** Nobody's secret: what a login name that is not there is checked against. Its cost is that of our own hashes. */
const NOBODY = '{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$/i2dZ5+B7RuS7ELkEEiKEQ$VteNFqYPcKZQdf+zLTRDENvMZP3gyjvr6Z0So23lgkw';

type Thread = {
  readonly worker: Worker;
  job: { resolve(answer: Answer): void; reject(error: Error): void } | undefined;
  /** Ends it, and fails its job. */
  lost?: (message: string) => void;
};

/** Beside this file, in the sources as in what is built of them (bin/build.ts). */
const SCRIPT = join(import.meta.dirname, `hash-worker${extname(import.meta.filename)}`);

export function createHasher(options: { clock: Clock; emit: Emit; workers?: number }): Hasher {
  const { clock, emit } = options;
  // One a core: a hash is nothing but computing.
  const size = Math.max(1, options.workers ?? availableParallelism());
  const admission = createAdmission({ concurrency: size, queue: size * QUEUE_PER_WORKER, patienceMs: WAIT_MS, clock });
  const idle: Thread[] = [];
  const all = new Set<Thread>();
  let closed = false;

  function start(): Thread {
    const worker = new Worker(SCRIPT);
    // An open pool alone does not keep the process.
    worker.unref();
    const thread: Thread = { worker, job: undefined };
    all.add(thread);
    worker.on('message', (answer: Answer) => {
      thread.job?.resolve(answer);
      thread.job = undefined;
    });
    const lost = (message: string): void => {
      if (!all.delete(thread)) return;
      if (idle.includes(thread)) idle.splice(idle.indexOf(thread), 1);
      if (!closed) emit(hashWorkerLost, { message });
      thread.job?.reject(gone(message));
      thread.job = undefined;
      void worker.terminate();
    };
    worker.on('error', (error) => lost(error.message));
    worker.on('exit', () => lost('a hashing thread ended'));
    thread.lost = lost;
    return thread;
  }

  async function ask(job: Job): Promise<Answer> {
    if (closed) throw gone('the hashing pool is closed');
    const thread = idle.pop() ?? start();
    const done = new AbortController();
    try {
      const answer = await new Promise<Answer>((resolve, reject) => {
        thread.job = { resolve, reject };
        // eslint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
        thread.worker.postMessage(job);
        // A thread that is stuck is ended: what it may still say would be taken for the answer to another job.
        clock.sleep(STUCK_MS, done.signal).then(
          () => thread.lost?.('a hashing thread is stuck'),
          () => {},
        );
      });
      idle.push(thread);
      return answer;
    } finally {
      done.abort(NEEDLESS);
    }
  }

  async function verify(encoded: string, secret: string, claim: Claim): Promise<Match> {
    const answer = await admission.run(claim, () => ask({ secret, encoded }));
    if ('match' in answer) return answer.match;
    throw gone('a hash could not be checked');
  }

  async function make(secret: string, claim: Claim): Promise<string> {
    const answer = await admission.run(claim, () => ask({ secret }));
    if ('hash' in answer) return answer.hash;
    throw gone('a hash could not be made');
  }

  return {
    verify,
    async make(secret) {
      if (admission.waiting > 0) throw gone('the hashing pool is busy');
      return make(secret, BESIDE);
    },
    makeInTurn: (secret) => make(secret, CHANGE),
    async pretend(secret, claim) {
      await verify(NOBODY, secret, claim);
    },
    get busy() {
      return admission.waiting > 0;
    },
    async close() {
      closed = true;
      await Promise.all([...all].map((thread) => thread.worker.terminate()));
    },
  };
}

function gone(message: string): CausewayError {
  return new CausewayError('unavailable', message);
}
