/**
 * How a session of any protocol ends in a cut.
 *
 * Invariant: a cut whose back-end connection is not known to have closed fails; nobody may rely on its end.
 */
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';

/** How long a platform may take to end after our goodbye in a cut. An instance silent for 2.5 s cancels its hold. */
export const CUT_GRACE_MS = 1_500;
/** When even the destroyed connection has not closed by then, nobody may rely on its end. */
const CUT_LIMIT_MS = 5_000;

export const RECONNECT = 'This connection is over. Please connect again.';

/** Resolves with `closed`. @throws CausewayError `unavailable` when that takes too long */
export async function closedInTime(closed: Promise<void>, clock: Clock): Promise<void> {
  const tooLate = Promise.withResolvers<never>();
  const inTime = clock.after(CUT_LIMIT_MS, () => tooLate.reject(new CausewayError('unavailable', 'a back-end connection could not be ended')));
  await Promise.race([closed, tooLate.promise]);
  inTime();
}
