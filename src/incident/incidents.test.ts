import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { createManualClock } from '#events/manual-clock.testing.ts';
import { storeMigrations } from '#store/index.ts';
import { openTestStore } from '#store/testing.ts';
import { createIncidents, incidentMigrations, keepIncidents, openIncidents } from './index.ts';

function room() {
  const events: string[] = [];
  const clock = createManualClock();
  const incidents = createIncidents({ clock, emit: (definition, fields) => void events.push(`${definition.name} ${String(fields['kind'])} ${String(fields['platform'])}`) });
  return { events, clock, incidents };
}

describe('incidents', () => {
  test('a sentinel that fails twice opens one; half a minute of acceptances ends it', async () => {
    const { incidents, clock, events } = room();
    incidents.sentinel('old', 'failed');
    incidents.sentinel('old', 'accepted');
    incidents.sentinel('old', 'refused');
    expect(incidents.open()).toEqual([]);
    incidents.sentinel('old', 'failed');
    expect(incidents.open()).toMatchObject([{ kind: 'sentinel', platform: 'old', protocols: [], occurrences: 2, until: undefined }]);
    expect([incidents.touches('old'), incidents.touches('new')]).toEqual([true, false]);
    for (let i = 0; i < 10; i++) {
      incidents.sentinel('old', 'accepted');
      await clock.pass(2_000);
    }
    // It falls over again: the same incident goes on.
    incidents.sentinel('old', 'failed');
    for (let i = 0; i < 15; i++) {
      incidents.sentinel('old', 'accepted');
      await clock.pass(2_000);
    }
    expect(incidents.open()).toHaveLength(1);
    incidents.sentinel('old', 'accepted');
    expect(incidents.open()).toEqual([]);
    expect(events).toEqual(['incident.opened sentinel old', 'incident.closed sentinel old']);
    incidents.close();
  });

  test('refusals to known customers open one beyond a small rate, of several accounts; it ends below a smaller one', async () => {
    const { incidents, clock } = room();
    const minute = async (refused: number, served: number, accounts = 100): Promise<void> => {
      for (let second = 0; second < 60; second++) {
        for (let i = 0; i < refused; i++) incidents.known('old', 'imap', i % accounts, false);
        for (let i = 0; i < served; i++) incidents.known('old', 'imap', 1_000 + i, true);
        await clock.pass(1_000);
      }
    };
    // One account that goes on and on; and a few among very many.
    await minute(20, 10, 1);
    expect(incidents.open()).toEqual([]);
    await minute(0, 10);
    await minute(4, 100);
    expect(incidents.open()).toEqual([]);
    await minute(10, 100);
    expect(incidents.open()).toMatchObject([{ kind: 'known-unavailable', platform: 'old', protocols: ['imap'], accounts: 10 }]);
    // Three of a hundred open none, and end none.
    await minute(3, 100);
    expect(incidents.open()).toHaveLength(1);
    await minute(0, 100);
    await clock.pass(1_000);
    expect(incidents.open()).toEqual([]);
    incidents.close();
  });

  test('are kept for others to read, and what a crash left open is not open', async () => {
    const { store, close } = await openTestStore([...storeMigrations, ...incidentMigrations]);
    const { incidents, clock } = room();
    incidents.sentinel('old', 'failed');
    incidents.sentinel('old', 'failed');
    await sql`insert into incident (id, instance, kind, platform, protocols, began_at, occurrences, accounts) values
      ('00000000-0000-0000-0000-000000000001', 'a', 'sentinel', 'old', '{}', now(), 1, 0),
      ('00000000-0000-0000-0000-000000000002', 'b', 'sentinel', 'old', '{}', now(), 1, 0)`.execute(store.db());
    await sql`insert into incident (id, instance, kind, platform, protocols, began_at, occurrences, accounts, seen_at) values
      ('00000000-0000-0000-0000-000000000003', 'c', 'sentinel', 'old', '{}', now(), 1, 0, now() - interval '2 minutes')`.execute(store.db());
    await keepIncidents({ incidents, store, instance: 'a' }).stop();
    const kept = await openIncidents(store);
    expect(kept.map(({ instance }) => instance).toSorted()).toEqual(['a', 'b']);
    expect(kept.find(({ instance }) => instance === 'a')).toMatchObject(incidents.open()[0]!);
    // Ended while nobody wrote: told by the next.
    for (let i = 0; i < 20; i++) {
      incidents.sentinel('old', 'accepted');
      await clock.pass(2_000);
    }
    await keepIncidents({ incidents, store, instance: 'a' }).stop();
    expect((await openIncidents(store)).map(({ instance }) => instance)).toEqual(['b']);
    expect(incidents.unwritten()).toEqual([]);
    incidents.close();
    await close();
  });

  test('with the store gone nothing is lost', async () => {
    const { incidents } = room();
    const gone = {
      clock: createManualClock(),
      emit: () => {},
      db: () => {
        throw new Error('the store is gone');
      },
    };
    incidents.sentinel('old', 'failed');
    incidents.sentinel('old', 'failed');
    await keepIncidents({ incidents, store: gone as never, instance: 'a' }).stop();
    expect(incidents.unwritten()).toHaveLength(1);
    incidents.close();
  });
});
