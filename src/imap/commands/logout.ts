import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import type { Engine } from '../engine/engine.ts';

/** A server that is well answers within a round trip; one that is not is left, as the session has done its work. */
const LOGOUT_MS = 5000;

/** Waits for the server's close, at most `LOGOUT_MS`. Never rejects; the socket is destroyed when it resolves. */
export async function logout(engine: Engine, clock: Clock): Promise<void> {
  const waited = new AbortController();
  engine.command({ name: 'LOGOUT', parts: ['LOGOUT'], expectsBye: true }).catch(() => {});
  await Promise.race([engine.closed, clock.sleep(LOGOUT_MS, waited.signal).catch(() => {})]);
  waited.abort();
  engine.fail(new CausewayError('aborted', 'logged out', { place: engine.place }));
}
