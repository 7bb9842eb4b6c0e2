/**
 * What the gateway's workers must know before they let somebody in: which networks had a success lately (between two
 * tellings each knows its own successes), and how late this process is.
 */
import type { Clock } from '#events/clock.ts';
import { watchLateness } from '#gateway/door.ts';
import type { GatewayWorkers } from '#gateway/workers.ts';
import type { SignIn } from '#signin/index.ts';

/** A megabyte at most, and as much to each worker. */
const NETWORKS_MS = 60_000;
/** Of it nothing is said while it is below what a worker heeds. */
const LATE_MS = 50;

/** @returns ends it */
export function tellWorkers({ signIn, workers, clock }: { signIn: Pick<SignIn, 'knownNetworks'>; workers: GatewayWorkers; clock: Clock }): () => void {
  let cancel = (): void => {};
  const tell = (): void => {
    workers.tellNetworks(signIn.knownNetworks());
    cancel = clock.after(NETWORKS_MS, tell);
  };
  tell();
  let told = 0;
  const stop = watchLateness(clock, (late) => {
    if (late < LATE_MS && told < LATE_MS) return;
    told = late;
    workers.tellLateness(late);
  });
  return () => {
    cancel();
    stop();
  };
}
