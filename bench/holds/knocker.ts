/**
 * A customer's client that signs in again and again, and notes when it asked, when it was answered, and by which
 * platform.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { openClient } from '#rehearsal/mail-client.ts';

/** Epoch ms. `home`: the capability by which the platform that answered makes itself known. */
export type Knock = { readonly asked: number; readonly answered: number; readonly verdict: string; readonly home: string | undefined };

/** A little between two, so that somebody nearly always comes within a tenth of a second after a freeze. */
const PAUSE_MS = 30;
/** Above the 10 s that a sign-in may wait. */
const PATIENCE_MS = 18_000;

/** @param isAwaited whether a hold may come: else nobody knocks, and the machine has the time for what is measured */
export async function knock(port: number, address: string, secret: string, into: Knock[], isAwaited: () => boolean, stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) {
    if (!isAwaited()) {
      await sleep(PAUSE_MS);
      continue;
    }
    const { client, refusal } = await openClient({ host: '127.0.0.1', port, secure: true, timeoutMs: PATIENCE_MS });
    const asked = Date.now();
    const answer = await client?.command(`LOGIN "${address}" "${secret}"`);
    const answered = Date.now();
    const told = answer?.status === 'OK' ? await client!.command('CAPABILITY') : undefined;
    const home = told?.untagged.map(({ line }) => / X(SOURCE|TARGET)\b/.exec(line)?.[1]?.toLowerCase()).find((name) => name !== undefined);
    into.push({ asked, answered, verdict: answer?.status === 'OK' ? 'in' : `${answer?.status ?? 'no greeting'} ${answer?.text ?? refusal ?? ''}`, home });
    client?.close();
    await sleep(PAUSE_MS);
  }
}
