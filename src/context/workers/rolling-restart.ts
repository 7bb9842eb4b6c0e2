/**
 * Replaces the gateway's workers one after the other, for new code or a new configuration, while customers are at work.
 *
 * Invariants: listening sockets are passed from worker to worker by way of this process and never closed, so no
 * connection is refused or reset. No session is ended before every worker is a new one, so a client connects anew at
 * most once. A worker that cannot be replaced goes on as it is.
 */
import type { Server, Socket } from 'node:net';
import { CausewayError, messageOf } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import { defineEvent, type Emit } from '#events/index.ts';
import type { Child, Place } from './children.ts';

/** To a gateway worker. `listener` and `connection` carry a handle. */
export type PlaceOrder =
  /** Give your ports away. Answered by a `listener` each, then `handed-over`. */
  | { readonly t: 'hand-over' }
  | { readonly t: 'listener'; readonly name: string }
  | { readonly t: 'connection'; readonly name: string }
  /** Open the ports that you do not have. Answered by `listening`. */
  | { readonly t: 'listen' }
  /** End your sessions at safe points within so long, and then yourself. */
  | { readonly t: 'retire'; readonly withinMs: number };

/** From one. */
export type PlaceWord = { readonly t: 'listener'; readonly name: string } | { readonly t: 'handed-over' } | { readonly t: 'listening' };

const restarted = defineEvent<{ workers: number; ms: number }>('serve.workers-restarted', 'info');
const notReplaced = defineEvent<{ pid: number; error: string }>('serve.worker-not-replaced', 'error', ['log', 'count']);

/** A process starts in half a second; on a busy machine in ten. */
const START_MS = 30_000;
/** Handles pass within milliseconds; a worker that does not give them hangs, and the new one opens ports of its own. */
const HAND_OVER_MS = 5_000;
/** What a worker may need beyond its time to retire before it is killed: 12 s for its last words, and then its own end. */
const AFTER_MS = 45_000;

export type RollingOptions = {
  readonly places: readonly Place[];
  /** The arguments of a worker that does not open ports by itself. */
  readonly args: readonly string[];
  /** Resolves when a new worker has said that it started. */
  readonly started: (child: Child) => Promise<void>;
  readonly retireMs: number;
  readonly clock: Clock;
  readonly emit: Emit;
};

/** Resolves when the last former worker is gone. Never rejects. */
export async function restartWorkers({ places, args, started, retireMs, clock, emit }: RollingOptions): Promise<void> {
  const began = clock.monotonic();
  const formers: Child[] = [];
  for (const place of places) {
    const present = place.current();
    try {
      const former = await place.replace(args, async (next) => {
        await inTime(started(next), START_MS, clock);
        await passOn(present, next, clock);
      });
      if (former !== undefined) formers.push(former);
    } catch (error) {
      if (present !== undefined) tell(present, { t: 'listen' });
      emit(notReplaced, { pid: present?.id.pid ?? 0, error: messageOf(error) });
    }
  }
  await Promise.all(formers.map((former) => retire(former, retireMs, clock)));
  emit(restarted, { workers: formers.length, ms: Math.round(clock.monotonic() - began) });
}

async function passOn(former: Child | undefined, next: Child, clock: Clock): Promise<void> {
  // Whatever the former does not give, the new one opens itself.
  if (former !== undefined) await inTime(handOver(former, next), HAND_OVER_MS, clock).catch(() => {});
  const listening = heard(next, 'listening');
  tell(next, { t: 'listen' });
  await inTime(listening, HAND_OVER_MS, clock);
}

async function handOver(former: Child, next: Child): Promise<void> {
  const relays: Promise<void>[] = [];
  const onMessage = (message: unknown, handle: unknown): void => {
    const { t, name } = message as { t: string; name: string };
    if (t === 'listener') relays.push(relay(name, handle as Server, next));
  };
  former.process.on('message', onMessage);
  try {
    const done = heard(former, 'handed-over');
    tell(former, { t: 'hand-over' });
    await done;
    await Promise.all(relays);
  } finally {
    former.process.off('message', onMessage);
  }
}

/** A handle that arrives is listening here too, for as long as it takes to send it on. */
function relay(name: string, server: Server, next: Child): Promise<void> {
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => {});
    const order: PlaceOrder = { t: 'connection', name };
    next.process.send(order, socket, {}, () => {});
  });
  return new Promise((resolve) => {
    const order: PlaceOrder = { t: 'listener', name };
    next.process.send(order, server, {}, () => {
      server.close();
      resolve();
    });
  });
}

async function retire(former: Child, withinMs: number, clock: Clock): Promise<void> {
  const gone = new Promise<void>((resolve) => {
    if (former.process.exitCode !== null || former.process.signalCode !== null) resolve();
    else former.process.once('exit', () => resolve());
  });
  tell(former, { t: 'retire', withinMs });
  await inTime(gone, withinMs + AFTER_MS, clock).catch(() => former.process.kill('SIGKILL'));
  await gone;
}

function tell(child: Child, order: PlaceOrder): void {
  if (child.process.connected) child.process.send(order, () => {});
}

/** Rejects when the process ends first. */
function heard(child: Child, word: PlaceWord['t']): Promise<void> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: unknown): void => {
      if ((message as PlaceWord).t !== word) return;
      off();
      resolve();
    };
    const onExit = (): void => {
      off();
      reject(new CausewayError('unavailable', 'a gateway worker ended'));
    };
    const off = (): void => void child.process.off('message', onMessage).off('exit', onExit);
    child.process.on('message', onMessage).once('exit', onExit);
  });
}

async function inTime(work: Promise<void>, ms: number, clock: Clock): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const cancel = clock.after(ms, () => reject(new CausewayError('unavailable', 'a gateway worker does not answer')));
  work.catch(() => {});
  try {
    await Promise.race([work, promise]);
  } finally {
    cancel();
  }
}
