/** Tells the gateway's workers which networks had a success lately; between two tellings each knows its own successes. */
import type { Clock } from '#events/clock.ts';
import type { GatewayWorkers } from '#gateway/workers.ts';
import type { SignIn } from '#signin/index.ts';

/** A megabyte at most, and as much to each worker. */
const TELL_MS = 60_000;

/** @returns ends it */
export function tellKnownNetworks({ signIn, workers, clock }: { signIn: Pick<SignIn, 'knownNetworks'>; workers: GatewayWorkers; clock: Clock }): () => void {
  let cancel = (): void => {};
  const tell = (): void => {
    workers.tellNetworks(signIn.knownNetworks());
    cancel = clock.after(TELL_MS, tell);
  };
  tell();
  return () => cancel();
}
