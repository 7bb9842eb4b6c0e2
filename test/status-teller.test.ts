/** Each update reaches each subscriber though the process that tells them is killed over and over. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { sql } from 'kysely';
import { SMTPServer } from 'smtp-server';
import { expect, test } from 'vitest';
import { migrations } from '../src/context/migrations.ts';
import { addUpdate, declareIncident } from '../src/incident/declared/index.ts';
import { openTestStore } from '../src/store/testing.ts';
import { sleep } from './installation.ts';

const SUBSCRIBERS = 150;
const KILLS = Number(process.env['CAUSEWAY_KILLS'] ?? 8);
const NAME = 'teller';

test('killed at random moments, no letter is missing, and one at most a kill comes again, under its own id', { timeout: 240_000 + KILLS * 15_000 }, async () => {
  const kept = await openTestStore(migrations);
  const { store, connection } = kept;
  const got: string[] = [];
  const relay = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData(stream, _session, done) {
      let text = '';
      stream.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
      stream.on('end', () => {
        got.push(/^Message-ID: <(.*)>/m.exec(text)![1]!);
        done();
      });
    },
  });
  relay.on('error', () => {});
  await new Promise<void>((open) => void relay.listen(0, '127.0.0.1', () => open()));
  const { port } = relay.server.address() as AddressInfo;
  const left = async (): Promise<number> => (await sql<{ n: number }>`select count(*)::int as n from status_delivery where ended_at is null`.execute(store.db())).rows[0]!.n;
  const start = () => spawn(process.execPath, [join(import.meta.dirname, 'status-teller/main.ts'), JSON.stringify({ connection: { ...connection, application_name: NAME }, port })], { stdio: ['ignore', 'inherit', 'inherit'] });
  let child = start();
  try {
    await sql`insert into status_subscriber (address, language, components, confirmed_at) select 'reader' || n || '@example.org', 'en', '{}', now() - interval '1 hour' from generate_series(1, ${SUBSCRIBERS}::int) as n`.execute(store.db());
    const incidentId = randomUUID();
    const by = 'staff:ada';
    await store.transaction((tx) => declareIncident(tx, { id: incidentId, title: 'Sign-in fails', components: ['sign-in'], impact: 'major', public: true, state: 'investigating', text: 'We look.', by }));
    let kills = 0;
    for (; kills < KILLS; kills++) {
      const before = got.length;
      for (let i = 0; i < 100 && got.length === before; i++) await sleep(50);
      await sleep(Math.random() * 120);
      child.kill('SIGKILL');
      await once(child, 'exit');
      // What it had sent to the database is done, or will never be.
      while ((await sql<{ n: number }>`select count(*)::int as n from pg_stat_activity where application_name = ${NAME}`.execute(store.db())).rows[0]!.n > 0) await sleep(2);
      if (kills === 1) await store.transaction((tx) => addUpdate(tx, { incidentId, key: randomUUID(), state: 'resolved', text: 'Over.', by }));
      // As if the two minutes had passed for which what was taken is nobody else's.
      await sql`update status_delivery set next_at = now() where ended_at is null`.execute(store.db());
      child = start();
    }
    for (const end = performance.now() + 180_000; performance.now() < end && (new Set(got).size < 2 * SUBSCRIBERS || (await left()) > 0); ) await sleep(50);
    expect(new Set(got).size).toBe(2 * SUBSCRIBERS);
    expect(await left()).toBe(0);
    expect(got.length - 2 * SUBSCRIBERS).toBeLessThanOrEqual(kills);
    const { rows } = await sql<{ outcome: string; n: number }>`select outcome, count(*)::int as n from status_delivery group by outcome`.execute(store.db());
    expect(rows).toEqual([{ outcome: 'delivered', n: 2 * SUBSCRIBERS }]);
  } finally {
    child.kill('SIGKILL');
    await new Promise<void>((closed) => void relay.close(() => closed()));
    await kept.close();
  }
});
