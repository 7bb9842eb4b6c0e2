/**
 * Which work gets which of an account's connections, and for which there should be another.
 *
 * Invariants: all goes over the connection that was taken last, as long as each piece takes a few ms, and over others when
 * one takes longer. It has open what is looked at, and its server process knows the present name of a letter's file: in a
 * Maildir a letter that is marked as read is renamed. With 100,000 letters another process opens the mailbox first, or looks
 * through all the files for the name, 50 to 400 ms each. Nobody who is patient waits for ever.
 */
import type { Pass } from '#signin/pass.ts';
import type { Lane } from './lane.ts';

/** `long`: it keeps its connection. `patient`: a short piece of something that nobody waits for as for what he looks at. */
export type Kind = 'now' | 'patient' | 'long';

/** @param since monotonic ms */
export type Waiting = { readonly pass: Pass; readonly underWay: boolean; readonly kind: Kind; readonly since: number; go(lane: Lane): void; fail(error: unknown): void };

export type Turns = {
  readonly lanes: ReadonlySet<Lane>;
  /** The first came first; one leaves as it is given a connection. */
  readonly waiting: readonly Waiting[];
  /** For which the connections are open. */
  readonly passes: ReadonlySet<string>;
  /** Requests, and of these those that wait for patient work. */
  readonly underWay: number;
  readonly patient: number;
};

/** For so long work waits for the connection that was taken last: most pieces take less. */
export const SOON_MS = 40;
/** Who was patient for so long is so no more: others may be at work without end. */
const PATIENCE_MS = 1_000;

/**
 * Gives work to connections that are free.
 * @param mayOpen whether there may be more of them
 * @returns those that want another one
 */
export function giveTurns({ lanes, waiting, passes, underWay, patient }: Turns, now: number, mayOpen: () => boolean): Waiting[] {
  const isLate = ({ since }: Waiting, ms: number): boolean => now - since >= ms;
  const give = (kind: Kind, lane: Lane, may: (one: Waiting) => boolean): void =>
    waiting.find((one) => one.kind === kind && passes.has(one.pass.id) && lane.isFree(one.underWay) && may(one))?.go(lane);
  const latestFirst = [...lanes].sort((a, b) => b.begunAt() - a.begunAt());
  const latest = latestFirst.find((lane) => !lane.isKept());
  for (const lane of latestFirst) give('now', lane, (one) => lane === latest || isLate(one, SOON_MS));
  for (const lane of latestFirst) give('patient', lane, (one) => underWay <= patient || isLate(one, PATIENCE_MS));
  for (const lane of latestFirst.toReversed()) give('long', lane, () => !(lane.wasUsed() && mayOpen()));
  return waiting.filter((one) => latest === undefined || !passes.has(one.pass.id) || one.kind === 'long' || (one.kind === 'now' && isLate(one, SOON_MS)));
}
