import { messageOf } from '#errors/index.ts';
import { embeddedGone, embeddedRetry } from '../events.ts';
import { startEmbedded } from './start.ts';
import type { EmbeddedConnection } from './launch.ts';
import type { Embedded, EmbeddedOptions } from './start.ts';

/**
 * Keeps the embedded PostgreSQL running: when it ends and nobody asked for that, it is started again, for as long as
 * it takes. The connection stays the same over restarts.
 */
export type Supervised = {
  readonly connection: EmbeddedConnection;
  /** Of the server that runs, or ran last. */
  pid(): number;
  /** Ends the supervision and leaves the server running, for the next process to adopt. */
  release(): Promise<void>;
  /** Ends the supervision and the server. */
  stop(): Promise<void>;
};

/** Back-off between tries: at once after a crash, not in a circle on a full disk. */
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;

/** @throws as `startEmbedded` when the first start fails */
export async function superviseEmbedded(options: EmbeddedOptions): Promise<Supervised> {
  const { clock, emit } = options;
  let server: Embedded = await startEmbedded(options);
  const { connection } = server;
  const over = new AbortController();
  const ended = new Promise<void>((resolve) => over.signal.addEventListener('abort', () => resolve(), { once: true }));

  const restart = async (): Promise<void> => {
    let retry = FIRST_RETRY_MS;
    for (let attempt = 1; !over.signal.aborted; attempt++) {
      try {
        server = await startEmbedded(options);
        return;
      } catch (error) {
        emit(embeddedRetry, { message: messageOf(error), attempt });
      }
      await clock.sleep(retry, over.signal).catch(() => {});
      retry = Math.min(retry * 2, LAST_RETRY_MS);
    }
  };

  const watching = (async () => {
    while (!over.signal.aborted) {
      const { pid } = server;
      await Promise.race([server.exited.catch(() => {}), ended]);
      if (over.signal.aborted) return;
      emit(embeddedGone, { pid });
      await restart();
    }
  })();

  const release = async (): Promise<void> => {
    over.abort(new Error('stopped'));
    await watching;
  };
  return {
    connection,
    pid: () => server.pid,
    release,
    async stop() {
      await release();
      await server.stop();
    },
  };
}
