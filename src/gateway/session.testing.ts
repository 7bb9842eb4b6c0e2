/** For tests: a session of any protocol between two loopback connections, whose far ends are the test's. */
import { createManualClock } from '#events/manual-clock.testing.ts';
import { createByteQueue } from '#wire/byte-queue.ts';
import { connection, settle } from './peers.testing.ts';
import type { Session, SessionOptions } from './splice.ts';

/** @param ahead what the client sent behind its sign-in @param capabilities what the platform announced */
export async function inSession(create: (options: SessionOptions) => Session, { ahead = '', frozen = false, capabilities = new Set<string>() as ReadonlySet<string> } = {}) {
  const [toClient, toPlatform] = [await connection(), await connection()];
  const clock = createManualClock();
  const queue = createByteQueue();
  if (ahead !== '') queue.push(Buffer.from(ahead));
  toPlatform.near.pause(); // as it is handed over
  const session = create({ client: toClient.near, queue, platform: { socket: toPlatform.near, rest: Buffer.alloc(0), capabilities }, frozen, clock });
  let closed = false;
  void session.closed.then(() => (closed = true));
  return { session, client: toClient.far, platform: toPlatform.far, clock, near: toClient.near, backend: toPlatform.near, closed: () => closed };
}

/** 'pending' unless it has resolved by the time that loopback has settled. */
export async function stateOf(promise: Promise<unknown>): Promise<string> {
  return Promise.race([promise.then(() => 'resolved'), settle().then(() => 'pending')]);
}
