/** What a storm showed: what the customers' processes saw, put together. */
import { type Event, EVENTS, type Seen } from './orders.ts';

/** What is judged is the end of the storm: peers need some 20 s to fall at twice the capacity. */
export const WINDOW_S = 15;
export const FRONTS = ['nginx', 'dovecot', 'causeway', 'causeway-known'] as const;
export type FrontName = (typeof FRONTS)[number];

export type Result = {
  readonly front: FrontName;
  /** As asked for, in multiples of the capacity. */
  readonly load: number;
  /** As offered: less where a known front's CPU bounds it. */
  readonly offered: number;
  readonly seconds: number;
  readonly perSecond: Readonly<Record<Event, number[]>>;
  /** In the window, by the second. */
  readonly goodput: number;
  readonly refusalsAfterSecret: number;
  readonly refusalsBefore: number;
  readonly timeOuts: number;
  /** ms; undefined when nobody got in in the window. */
  readonly p95: number | undefined;
  /** The same from the secret on. */
  readonly p95AfterSecret: number | undefined;
  /** In the whole storm. */
  readonly falseRejections: number;
  /** At the end. */
  readonly waiting: number;
  readonly connections: number;
  /** Answers of the verifier a second in the window, in time or not. */
  readonly checks: number;
  /** ms, 99th percentile in the window. */
  readonly late: number;
  /** In the window, in cores. */
  readonly cores: { readonly front: number; readonly clients: number; readonly idle: number };
  readonly notResumed: number;
  /** Of a known front, before the storm. */
  readonly loginsPerCpuSecond: number | undefined;
  readonly words: Readonly<Record<string, number>>;
};

/** What of a result the customers saw. */
type Summary = Omit<Result, 'front' | 'load' | 'offered' | 'seconds' | 'loginsPerCpuSecond' | 'checks' | 'cores'>;

export function summary(all: readonly Seen[], seconds: number): Summary {
  const seen = sum(all, seconds);
  const inWindow = (values: readonly number[]): number => values.slice(-WINDOW_S).reduce((total, value) => total + value, 0) / WINDOW_S;
  const windowed = <T extends readonly [number, ...number[]]>(tuples: readonly T[]): T[] => tuples.filter(([at]) => at >= seconds - WINDOW_S);
  return {
    perSecond: seen.perSecond,
    goodput: inWindow(seen.perSecond.in),
    refusalsAfterSecret: inWindow(seen.perSecond.refusedAfterSecret),
    refusalsBefore: inWindow(seen.perSecond.refusedBefore),
    timeOuts: inWindow(seen.perSecond.timedOut),
    p95: percentile(windowed(seen.in).map(([, ms]) => ms), 0.95),
    p95AfterSecret: percentile(windowed(seen.in).map(([, , ms]) => ms), 0.95),
    falseRejections: seen.perSecond.rejected.reduce((total, value) => total + value, 0),
    waiting: seen.waiting,
    connections: seen.connections,
    notResumed: seen.notResumed / Math.max(1, seen.handshakes),
    words: seen.words,
    late: percentile(windowed(seen.late).map(([, ms]) => ms), 0.99) ?? 0,
  };
}

function sum(all: readonly Seen[], seconds: number): Seen {
  const total = (of: (seen: Seen) => number): number => all.reduce((value, seen) => value + of(seen), 0);
  const perSecond = Object.fromEntries(
    EVENTS.map((event) => [event, Array.from({ length: seconds }, (_, second) => total((seen) => seen.perSecond[event][second]!))]),
  ) as Record<Event, number[]>;
  const words: Record<string, number> = {};
  for (const seen of all) for (const [line, times] of Object.entries(seen.words)) words[line] = (words[line] ?? 0) + times;
  return {
    perSecond,
    in: all.flatMap((seen) => seen.in),
    late: all.flatMap((seen) => seen.late),
    waiting: total((seen) => seen.waiting),
    connections: total((seen) => seen.connections),
    notResumed: total((seen) => seen.notResumed),
    handshakes: total((seen) => seen.handshakes),
    words,
  };
}

function percentile(values: number[], share: number): number | undefined {
  values.sort((a, b) => a - b);
  return values[Math.min(values.length - 1, Math.floor(values.length * share))];
}
