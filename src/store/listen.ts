import { Client, escapeIdentifier } from 'pg';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { messageOf } from '#errors/index.ts';
import { clientConfig } from './connection.ts';
import type { Connection } from './connection.ts';
import { listenerLost } from './events.ts';

/**
 * One connection that listens for NOTIFY. Invariants: a NOTIFY only wakes, nothing is read from it; every (re)connect
 * wakes everybody, since what came meanwhile was not heard; a silent connection is probed, so that a dead one is
 * replaced.
 */
export type Listener = {
  listen(channel: string, onWake: () => void): () => void;
  close(): Promise<void>;
};

/** Back-off between tries: soon enough for a restart of PostgreSQL (0.3 s), rare enough for an outage of hours. */
const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 2_000;
/** A probe this often: a connection that died without a word is noticed within this and a statement's time-out. */
const PROBE_MS = 10_000;
/** Channels are named in our code; this stops a caller that makes them up. */
const CHANNELS = 100;

export function createListener(connection: Connection, { emit, clock }: { emit: Emit; clock: Clock }): Listener {
  const wakes = new Map<string, Set<() => void>>();
  const closing = new AbortController();
  let current: Client | undefined;
  let running: Promise<void> | undefined;

  const wake = (channel: string): void => {
    for (const onWake of wakes.get(channel) ?? []) onWake();
  };

  /** One life of the connection; ends when it breaks. */
  const live = async (onConnected: () => void): Promise<void> => {
    const client = new Client(clientConfig(connection, 'causeway listen'));
    const lost = new AbortController();
    client.on('error', (error) => lost.abort(error));
    client.on('end', () => lost.abort(new Error('the connection ended')));
    client.on('notification', ({ channel }) => wake(channel));
    const stopped = AbortSignal.any([lost.signal, closing.signal]);
    try {
      await client.connect();
      for (const channel of wakes.keys()) await client.query(`listen ${escapeIdentifier(channel)}`);
      current = client;
      onConnected();
      for (const channel of wakes.keys()) wake(channel);
      for (;;) {
        await clock.sleep(PROBE_MS, stopped);
        await client.query('select 1');
      }
    } finally {
      current = undefined;
      // With a hung server pg's end would never come; the socket goes with or without its goodbye.
      void client.end().catch(() => {});
      (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    }
  };

  const run = async (): Promise<void> => {
    let retry = FIRST_RETRY_MS;
    while (!closing.signal.aborted) {
      try {
        await live(() => (retry = FIRST_RETRY_MS));
      } catch (error) {
        if (closing.signal.aborted) return;
        emit(listenerLost, { message: messageOf(error) });
      }
      await clock.sleep(retry, closing.signal).catch(() => {});
      retry = Math.min(retry * 2, LAST_RETRY_MS);
    }
  };

  return {
    listen(channel, onWake) {
      let entry = wakes.get(channel);
      if (entry === undefined) {
        if (wakes.size >= CHANNELS) throw new Error(`more than ${CHANNELS} channels`);
        entry = new Set();
        wakes.set(channel, entry);
        // A failure here is the connection's, and its next life listens to all channels.
        void current?.query(`listen ${escapeIdentifier(channel)}`).then(() => wake(channel), () => {});
      }
      // A function of its own, so that one callback given twice is two registrations.
      const registered = (): void => onWake();
      entry.add(registered);
      running ??= run();
      return () => void entry.delete(registered);
    },
    async close() {
      closing.abort(new Error('closed'));
      await running;
    },
  };
}
