/**
 * Writes down in which browsers customers are signed in, beside what they do.
 *
 * Invariants: nobody waits for the store, and nobody is refused because of it: what it does not take is kept and tried
 * again. A pass that is signed out is written down as over even if it never was written down before. What is kept is
 * bounded; beyond that a session is not listed until it is seen again.
 */
import { endWebSessions, noteWebSession, type WebSession } from '#directory/secrets/web-session.ts';
import { CausewayError } from '#errors/index.ts';
import { type Clock, NEEDLESS } from '#events/clock.ts';
import type { Pass } from '#signin/pass.ts';
import type { Store } from '#store/index.ts';

export type SessionNotes = {
  /** Seen now. */
  seen(pass: Pass, from: { readonly network: string; readonly device: string }): void;
  /** Its owner signs out: resolves when that is written down, or will be tried again. */
  ended(pass: Pass): Promise<void>;
  close(): Promise<void>;
};

/** To the hour is what people want to know of a session's last use. */
const SEEN_MS = 3_600_000;
const FLUSH_MS = 1_000;
/** Of 300 bytes each. */
const KEPT = 20_000;

export function createSessionNotes({ store, clock }: { store: Store; clock: Clock }): SessionNotes {
  /** When each pass was last written down, or is to be (monotonic). */
  const noted = new Map<string, number>();
  const due = new Map<string, { readonly accountId: number; readonly session: WebSession }>();
  const over = new Map<string, Pass>();
  const closing = new AbortController();

  const sessionOf = (pass: Pass): WebSession => ({ id: pass.id, madeAt: new Date(pass.madeAt), seenAt: new Date(clock.now()), network: 'unknown', device: '' });

  async function flush(): Promise<void> {
    for (const [id, { accountId, session }] of due) {
      await store.transaction((tx) => noteWebSession(tx, accountId, session));
      due.delete(id);
    }
    for (const pass of over.values()) await end(pass);
  }

  async function end(pass: Pass): Promise<void> {
    const { session } = due.get(pass.id) ?? { session: sessionOf(pass) };
    try {
      await store.transaction(async (tx) => {
        await noteWebSession(tx, pass.accountId, session);
        await endWebSessions(tx, pass.accountId, { id: pass.id });
      });
    } catch (error) {
      // Over already.
      if (!(error instanceof CausewayError && error.code === 'not-found')) throw error;
    }
    due.delete(pass.id);
    over.delete(pass.id);
  }

  const flushing = (async () => {
    while (!closing.signal.aborted) {
      await clock.sleep(FLUSH_MS, closing.signal).catch(() => {});
      await flush().catch(() => {}); // the store says itself that it is away
    }
  })();

  return {
    seen(pass, { network, device }) {
      const now = clock.monotonic();
      const last = noted.get(pass.id);
      if (last !== undefined && now - last < SEEN_MS) return;
      if (noted.size >= KEPT) noted.clear();
      if (due.size >= KEPT) return;
      noted.set(pass.id, now);
      due.set(pass.id, { accountId: pass.accountId, session: { ...sessionOf(pass), network, device } });
    },
    async ended(pass) {
      noted.set(pass.id, clock.monotonic());
      if (over.size < KEPT) over.set(pass.id, pass);
      await end(pass).catch(() => {});
    },
    async close() {
      closing.abort(NEEDLESS);
      await flushing;
    },
  };
}
