/**
 * What has changed, told to all who look: one look at the store for all of them.
 *
 * Invariants: without anybody who looks nothing is read. Who begins to look gets the whole at once; a store that is away is
 * told as such, and looked at again. Bounded: LOOKERS.
 */
import { CausewayError, messageOf } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import type { ConsoleState } from '#cutover/api.ts';

/** What people see as live, and some small queries. */
const LOOK_MS = 1_500;
/** Operators and leads of a large provider, with two windows each. */
const LOOKERS = 100;

export type News = { readonly state: ConsoleState } | { readonly away: string };

export type Live = {
  /** @param name of the plan; the newest without it @returns ends it @throws CausewayError `limit` */
  look(name: string | undefined, tell: (news: News) => void): () => void;
  /** After an act: what it did is seen at once. */
  wake(): void;
  close(): Promise<void>;
};

export function createLive({ read, clock }: { read: (name: string | undefined) => Promise<ConsoleState>; clock: Clock }): Live {
  const lookers = new Set<{ readonly name: string | undefined; readonly tell: (news: News) => void }>();
  const stopping = new AbortController();
  let sleeping = new AbortController();
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (!stopping.signal.aborted && lookers.size > 0) {
      sleeping = new AbortController();
      // Each plan once, whoever looks at it.
      for (const name of new Set([...lookers].map((each) => each.name))) {
        const news = await read(name).then((state): News => ({ state }), (error: unknown): News => ({ away: messageOf(error) }));
        for (const each of lookers) if (each.name === name) each.tell(news);
      }
      await clock.sleep(LOOK_MS, AbortSignal.any([stopping.signal, sleeping.signal])).catch(() => {});
    }
    running = undefined;
  }

  const wake = (): void => sleeping.abort();
  return {
    look(name, tell) {
      if (lookers.size >= LOOKERS) throw new CausewayError('limit', 'too many people look at the console', { retryable: true });
      const looker = { name, tell };
      lookers.add(looker);
      if (running === undefined) running = run();
      else wake();
      return () => void lookers.delete(looker);
    },
    wake,
    async close() {
      lookers.clear();
      stopping.abort();
      await running;
    },
  };
}
