/**
 * Who waits before the door when a worker has more to do than it can: a handshake and a refusal cost a hundred times what
 * keeping a socket does, and what they cost is taken from the customers who get in.
 *
 * Networks with a success lately never wait here. The others are let in as fast as the worker keeps up, the newest first;
 * who waited in vain is closed without a word, which no client takes for a wrong password.
 *
 * Invariants: nobody waits before the door of a worker that keeps up; at most ROOM wait, each for at most WAIT_MS; at
 * least LEAST a second are let in, whatever slows the worker down.
 */
import type { Clock } from '#events/clock.ts';

export type Door = {
  /** @param gone aborted when the client went @returns whether it is let in */
  enter(known: boolean, gone: AbortSignal): Promise<boolean>;
  /** How late `serve` is. */
  late(ms: number): void;
  close(): void;
};

/** How often it is looked at how late the worker is. */
const LOOK_MS = 100;
/** Late at so many looks in a row. Those of a worker that is a second late come a second apart. */
const LOOKS = 2;
/** A sign-in takes some five turns of the loop: at this each, less than half of the two seconds that it may take. */
const LATE_MS = 150;
const PROMPT_MS = 50;
/** A fifth of what half a core can do; never less, since it may be another's work that makes us late. */
const LEAST = 50;
/** Becomes slower by so much in LOOK_MS, and faster at a look: a worker that is late looks seldom. */
const SLOWER = 0.85;
const FASTER = 1.05;
/** What was between two looks counts as so many at most. */
const LOOKS_AT_ONCE = 10;
/** With the second in which a check may wait, a sign-in stays about as short as it may be; the newest go first, so who waited longer would hardly get in. */
const WAIT_MS = 1_000;
/** Between two words of `serve`, and on their way. */
const TOLD_MS = 1_000;
/** Half of a worker's sockets. */
const ROOM = 5_000;

type Waiter = { let(inside: boolean): void };

/** @param watch tells again and again how late the event loop is */
export function createDoor(clock: Clock, watch = watchLateness): Door {
  const waiting: Waiter[] = [];
  /** Those let in a second; undefined while nobody need wait. */
  let rate: number | undefined;
  let tokens = 0;
  let came = 0;
  let average = 0;
  let lookedAt = clock.monotonic();
  /** What `serve` said, and until when it is believed: one that is very late says nothing. */
  let told = { ms: 0, until: -Infinity };

  const stop = watch(clock, (own) => {
    const now = clock.monotonic();
    const late = Math.max(own, now < told.until ? told.ms : 0);
    const seconds = Math.max(1, now - lookedAt) / 1_000;
    lookedAt = now;
    const looks = Math.min(LOOKS_AT_ONCE, (1_000 * seconds) / LOOK_MS);
    average += (1 - 0.9 ** looks) * (came / seconds - average);
    came = 0;
    if (late > LATE_MS) rate = Math.max(LEAST, SLOWER ** looks * (rate ?? average));
    else if (rate !== undefined && late < PROMPT_MS) rate = rate * FASTER + 1;
    if (rate !== undefined && waiting.length === 0 && rate > 2 * average + LEAST) rate = undefined;
    tokens = rate === undefined ? 0 : Math.min(rate, tokens + rate * seconds);
    while (waiting.length > 0 && (rate === undefined || tokens >= 1)) {
      tokens -= 1;
      waiting.pop()!.let(true);
    }
  });

  return {
    enter(known, gone) {
      came += 1;
      if (known || rate === undefined) return Promise.resolve(true);
      if (tokens >= 1) {
        tokens -= 1;
        return Promise.resolve(true);
      }
      if (waiting.length >= ROOM || gone.aborted) return Promise.resolve(false);
      return new Promise((resolve) => {
        const waiter: Waiter = {
          let(inside) {
            cancel();
            gone.removeEventListener('abort', leave);
            resolve(inside);
          },
        };
        const leave = (): void => {
          const at = waiting.indexOf(waiter);
          if (at >= 0) waiting.splice(at, 1);
          waiter.let(false);
        };
        const cancel = clock.after(WAIT_MS, leave);
        gone.addEventListener('abort', leave, { once: true });
        waiting.push(waiter);
      });
    },
    late(ms) {
      told = { ms, until: clock.monotonic() + ms + TOLD_MS };
    },
    close() {
      stop();
      for (const waiter of waiting.splice(0)) waiter.let(false);
    },
  };
}

/**
 * Tells again and again how late the event loop is: the least of the last looks. A process that was stopped once, or
 * collected its garbage, keeps up.
 * @returns ends it
 */
export function watchLateness(clock: Clock, tell: (lateMs: number) => void): () => void {
  let late: number[] = [];
  let cancel = (): void => {};
  const look = (): void => {
    const due = clock.monotonic() + LOOK_MS;
    cancel = clock.after(LOOK_MS, () => {
      late = [...late, Math.max(0, clock.monotonic() - due)].slice(-LOOKS);
      look();
      tell(late.length < LOOKS ? 0 : Math.round(Math.min(...late)));
    });
  };
  look();
  return () => cancel();
}
