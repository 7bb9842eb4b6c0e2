/**
 * Takes rounds from the queue and runs some at once.
 *
 * Invariants: the queue only wakes: which move may be worked on, by whom and when is in its row, so a job too many is
 * dropped and a lost one is sent again by the sweep. Claims are renewed by one loop of their own, which waits for
 * nothing else.
 */
import { sql } from 'kysely';
import { messageOf } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import type { Store } from '#store/index.ts';
import type { Job, Queue } from '#store/queue.ts';
import type { MoverPlatform } from './access.ts';
import { COMMAND_MS, createClaims, STRAGGLER_MS, TAKE_OVER_MS } from './claim.ts';
import type { ClaimTimes, MoveRow } from './claim.ts';
import { workerDelayed } from './events.ts';
import type { ReceiptKey } from './hold/receipt.ts';
import { runRound } from './round.ts';
import { BESIDE } from './tables.ts';
import { createThrottle } from './limits/throttle.ts';

/** The queue of rounds. Whoever opens the queue names it. */
export const MOVE_QUEUE = 'move-round';

export type MoveJob = { readonly moveId: number };

export type MoverWorkerOptions = {
  readonly store: Store;
  readonly queue: Queue;
  readonly platforms: Readonly<Record<string, MoverPlatform>>;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly receiptKey: ReceiptKey;
  /** How long a former home is kept current; default 14. */
  readonly windowDays?: number;
  /** Names this process's life and no other, now or later: what `releaseClaims` gets when its exit was seen. */
  readonly owner: string;
  /** False while the move's wave is paused. Absent: moves always go on. */
  readonly mayGoOn?: (move: MoveRow) => Promise<boolean>;
  /** Moves worked on at once: 4 use 8 connections and at most some 36 MB, and keep a core busy. */
  readonly maxConcurrent?: number;
  readonly times?: Partial<ClaimTimes>;
};

export type MoverWorker = {
  readonly owner: string;
  /** Moves worked on now. */
  busy(): number;
  /** Takes no more rounds; resolves when those at work have ended. */
  stop(): Promise<void>;
};

/** How often an idle worker asks for work: a move begins within this, at five small statements a second. */
const IDLE_MS = 200;
/** After the store or the queue failed. */
const FAILED_MS = 1_000;

/** Starts working at once. */
export function createMoverWorker(options: MoverWorkerOptions): MoverWorker {
  const { store, queue, clock, emit, owner, maxConcurrent = 4 } = options;
  const times: ClaimTimes = { takeOverMs: TAKE_OVER_MS, commandMs: COMMAND_MS, stragglerMs: STRAGGLER_MS, ...options.times };
  const claims = createClaims(store, owner, clock, times);
  const stopping = new AbortController();
  const finished = new AbortController();
  const running = new Set<Promise<void>>();
  const round = {
    store,
    clock,
    emit,
    platforms: options.platforms,
    receiptKey: options.receiptKey,
    ...(options.windowDays === undefined ? {} : { windowDays: options.windowDays }),
    mayGoOn: options.mayGoOn ?? (async () => true),
    commandMs: times.commandMs,
    throttle: createThrottle(clock, maxConcurrent),
    stopping: stopping.signal,
  };

  const delayed = (error: unknown): void => emit(workerDelayed, { message: messageOf(error) });

  const runJob = async (job: Job<MoveJob>): Promise<void> => {
    try {
      const claim = await claims.claim(job.data.moveId);
      const next = claim === undefined ? 'done' : await runRound(claim, round);
      if (next === 'done') await queue.complete(job);
      else await queue.again(job, { startAfterSeconds: next.afterMs / 1000 });
    } catch (error) {
      delayed(error);
      await queue.fail(job, messageOf(error)).catch(delayed);
    }
  };

  const pause = (ms: number, signal: AbortSignal): Promise<void> => clock.sleep(ms, signal).catch(() => {});

  const taking = (async () => {
    while (!stopping.signal.aborted) {
      try {
        const jobs = running.size < maxConcurrent ? await queue.fetch<MoveJob>(MOVE_QUEUE, maxConcurrent - running.size) : [];
        for (const job of jobs) {
          const run = runJob(job).finally(() => running.delete(run));
          running.add(run);
        }
        if (jobs.length === 0) await Promise.race([pause(IDLE_MS, stopping.signal), ...running]);
      } catch (error) {
        delayed(error);
        await pause(FAILED_MS, stopping.signal);
      }
    }
    await Promise.all(running);
  })();

  const renewing = (async () => {
    while (!finished.signal.aborted) {
      await pause(claims.renewMs, finished.signal);
      await claims.renew().catch(delayed);
    }
  })();

  return {
    owner,
    busy: () => running.size,
    async stop() {
      stopping.abort(new Error('stopped'));
      await taking;
      finished.abort(new Error('stopped'));
      await renewing;
    },
  };
}

/** Sent by one sweep: a wave of thousands is spread over some seconds. */
const SWEEP = 200;
/** A move that was sent and not taken is sent again after this; the queue drops the second where the first still waits. */
const RESEND_SECONDS = 15;

/**
 * Sends a round for each open move that is due and has no owner: new ones, and those whose job was lost. To be called
 * by every instance each second or so.
 * @returns how many were sent
 */
export async function sweepMoves({ store, queue, times = {} }: { store: Store; queue: Queue; times?: Partial<ClaimTimes> }): Promise<number> {
  const commandMs = times.commandMs ?? COMMAND_MS;
  const { rows } = await sql<{ id: number }>`
    update move set enqueued_at = now() where id in (
      select id from move
      where state in ('queued', 'copying', 'following', 'held') and next_at <= now()
        and (owner is null or owner_until + ${commandMs} * interval '1 millisecond' < now())
        and (enqueued_at is null or enqueued_at < now() - ${RESEND_SECONDS} * interval '1 second')
      -- What follows back comes after all moves.
      order by coalesce(back = any(${[...BESIDE]}::text[]), false), enqueued_at nulls first, id limit ${SWEEP} for update skip locked)
    returning id`.execute(store.db());
  let sent = 0;
  for (const { id } of rows) {
    if (await queue.send(MOVE_QUEUE, { moveId: id }, { singletonKey: String(id) })) sent += 1;
  }
  return sent;
}
