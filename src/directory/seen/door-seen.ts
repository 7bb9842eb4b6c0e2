/**
 * Connections that ended before anybody said who he is: a device whose TLS is too old, or that does not trust the
 * certificate. The desk shows them with the accounts that signed in from the same network.
 *
 * Invariants: no connection waits for it. What comes from outside is cut short. A row that nothing was added to for KEPT
 * is dropped. Scanners knock from everywhere: they are as many rows as fit, and push nothing out of the store's way.
 */
import { sql } from 'kysely';
import type { Clock } from '#events/clock.ts';
import type { Store } from '#store/index.ts';
import { dropOlder } from '#store/prune.ts';
import { createTally, type Tallied } from './tally.ts';

/**
 * `old-tls`: no version or cipher that both speak. `certificate`: the client does not take ours, mostly since it asked for
 * another host name. `no-tls`: it spoke in clear where TLS begins at once, or broke off in the handshake. `plain-text`: it
 * wanted to send a secret unencrypted. `unknown-name`: it signed in by a name that nobody has, which is not kept.
 */
export type DoorFault = 'old-tls' | 'certificate' | 'no-tls' | 'plain-text' | 'unknown-name';

export type DoorSeen = {
  /** As the locks count it. */
  readonly network: string;
  readonly fault: DoorFault;
  /** The host name that was asked for; empty where none was. The protocol, where one was spoken. */
  readonly detail: string;
};

export type DoorNotes = { note(seen: DoorSeen): void; close(): Promise<void> };

const KEPT = '7 days';
const SHOWN = 20;
const AGAIN_MS = 60_000;
/** A day's scanners are some thousands. */
const LIMIT = 10_000;
/** RFC 1035, 2.3.4. */
const HOST_LENGTH = 255;

export function createDoorNotes(store: Store, networkText: (address: string) => string, clock: Clock): DoorNotes {
  const tally = createTally<DoorSeen>({ write: (rows) => write(store, rows), sweep: () => dropOlder(store, 'door_seen', 'last_at', KEPT), againMs: AGAIN_MS, limit: LIMIT, clock });
  return {
    note({ network, fault, detail }) {
      const seen = { network: networkText(network), fault, detail: detail.replaceAll(/[^\x21-\x7e]/g, '?').slice(0, HOST_LENGTH) };
      tally.add(`${seen.network}\0${fault}\0${seen.detail}`, seen);
    },
    close: tally.close,
  };
}

async function write(store: Store, rows: readonly Tallied<DoorSeen>[]): Promise<void> {
  await sql`
    insert into door_seen as s (network, fault, detail, first_at, last_at, times)
    select * from unnest(${rows.map(({ what }) => what.network)}::text[], ${rows.map(({ what }) => what.fault)}::text[], ${rows.map(({ what }) => what.detail)}::text[],
      ${rows.map(({ firstAt }) => firstAt)}::timestamptz[], ${rows.map(({ lastAt }) => lastAt)}::timestamptz[], ${rows.map(({ times }) => times)}::bigint[])
    on conflict (network, fault, detail)
    do update set last_at = greatest(s.last_at, excluded.last_at), first_at = least(s.first_at, excluded.first_at), times = s.times + excluded.times
  `.execute(store.db());
}

/** Of these networks, the latest first. */
export async function listDoorFaults(store: Store, networks: readonly string[]): Promise<(DoorSeen & { firstAt: Date; lastAt: Date; times: number })[]> {
  if (networks.length === 0) return [];
  const { rows } = await sql<DoorSeen & { firstAt: Date; lastAt: Date; times: number }>`
    select network, fault, detail, first_at as "firstAt", last_at as "lastAt", times from door_seen
    where network = any(${networks}::text[]) and last_at > now() - ${KEPT}::interval order by last_at desc limit ${SHOWN}
  `.execute(store.db());
  return rows;
}
