/**
 * Ports for those who must let go of one between its choice and its use.
 *
 * Invariant: below those that systems give by themselves (from 32768 on, net.ipv4.ip_local_port_range): a port from there
 * may be the near end of somebody's connection a moment after it was found free.
 */

/** Who may look: far enough from one another that none finds what the other is about to use. */
const FIRST = { instance: 10_000, test: 20_000 };
const COUNT = 10_000;
/** More than an instance has listeners: processes that start together, whose ids are near to each other, begin apart. */
const APART = 16;

/** All of them once, in an order of the process' own. */
export function* portsToTry(who: keyof typeof FIRST, processId: number = process.pid): Generator<number, void> {
  for (let tried = 0; tried < COUNT; tried += 1) yield FIRST[who] + ((processId * APART + tried) % COUNT);
}
