import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Store, storeMigrations } from '#store/index.ts';
import { openTestStore, type TestStore } from '#store/testing.ts';
import { type DeclareBody, declareBody, updateBody } from './api.ts';
import { addUpdate, declaredMigrations, declareIncident, readDeclared, readOneDeclared, readUpdates } from './index.ts';

const MINUTE = 60_000;
let kept: TestStore;
let store: Store;
beforeAll(async () => {
  kept = await openTestStore([...storeMigrations, ...declaredMigrations]);
  ({ store } = kept);
});
afterAll(() => kept.close());

const outage = (over: Partial<DeclareBody> = {}): DeclareBody & { by: string } => ({
  id: randomUUID(), title: 'Sign-in fails', components: ['sign-in', 'imap'], impact: 'major', public: true, state: 'investigating', text: 'We look into it.', by: 'staff:ada', ...over,
});
const declare = (body: DeclareBody & { by: string }) => store.transaction((tx) => declareIncident(tx, body));
const update = (incidentId: string, over: object = {}) =>
  store.transaction((tx) => addUpdate(tx, { incidentId, key: randomUUID(), state: 'identified', text: 'Found.', by: 'staff:bo', ...over }));

describe('declared incidents', () => {
  test('an incident goes through its states, each update once and audited', async () => {
    const body = outage({ titleEs: 'No se puede entrar' });
    const first = await declare(body);
    expect(await declare(body)).toEqual({ updateId: first.updateId, added: false });
    const key = randomUUID();
    const second = await update(body.id, { key, impact: 'critical' });
    expect(await update(body.id, { key })).toEqual({ updateId: second.updateId, added: false });
    await update(body.id, { state: 'resolved', text: 'Over.', textEs: 'Terminado.' });
    const one = await readOneDeclared(store, body.id);
    expect(one).toMatchObject({ state: 'resolved', impact: 'critical', titleEs: 'No se puede entrar', planned: undefined, openedBy: 'staff:ada' });
    expect(one!.endedAt).toBeGreaterThanOrEqual(one!.beganAt);
    const updates = await readUpdates(store, { afterId: 0, incidentIds: [body.id] });
    expect(updates.map(({ state, text, textEs, by }) => [state, text, textEs, by])).toEqual([
      ['investigating', 'We look into it.', undefined, 'staff:ada'],
      ['identified', 'Found.', undefined, 'staff:bo'],
      ['resolved', 'Over.', 'Terminado.', 'staff:bo'],
    ]);
    const { rows } = await sql<{ actor: string; act: string }>`select actor, act from audit where subject = ${`declared:${body.id}`} order by id`.execute(store.db());
    expect(rows).toEqual([{ actor: 'staff:ada', act: 'incident.declared' }, { actor: 'staff:bo', act: 'incident.updated' }, { actor: 'staff:bo', act: 'incident.updated' }]);
    const { rows: told } = await sql<{ key: number }>`select key from change where topic = 'incident-update' and key = any(${updates.map(({ id }) => id)}) order by key`.execute(store.db());
    expect(told.map((each) => each.key)).toEqual(updates.map(({ id }) => id));
    // An afterword, but not again.
    await update(body.id, { state: 'resolved', text: 'What it was.' });
    await expect(update(body.id, { state: 'monitoring' })).rejects.toMatchObject({ code: 'conflict' });
  });

  test('planned work has times, which an update may move, and states of its own', async () => {
    const from = Date.now() + 60 * MINUTE;
    const body = outage({ title: 'Wave 3', components: ['moving'], impact: 'minor', state: 'planned', plannedFrom: from, plannedUntil: from + 60 * MINUTE });
    await declare(body);
    await update(body.id, { state: 'planned', text: 'A day later.', plannedFrom: from + 1_440 * MINUTE, plannedUntil: from + 1_500 * MINUTE });
    expect(await readOneDeclared(store, body.id)).toMatchObject({ planned: { from: from + 1_440 * MINUTE, until: from + 1_500 * MINUTE }, beganAt: from });
    for (const wrong of [{ state: 'identified' }, { state: 'planned', plannedUntil: from }]) await expect(update(body.id, wrong)).rejects.toMatchObject({ code: 'input' });
    await update(body.id, { state: 'resolved' });
    await expect(declare(outage({ state: 'planned' }))).rejects.toMatchObject({ code: 'input' });
    await expect(declare(outage({ state: 'planned', plannedFrom: from }))).rejects.toMatchObject({ code: 'input' });
    await expect(declare(outage({ plannedFrom: from, plannedUntil: from + 1 }))).rejects.toMatchObject({ code: 'input' });
  });

  test('what is over for long is left out; unknown incidents take no update', async () => {
    const body = outage();
    await declare(body);
    await update(body.id, { state: 'resolved' });
    const { endedAt } = (await readOneDeclared(store, body.id))!;
    const ids = async (since: number) => (await readDeclared(store, { since })).map(({ id }) => id);
    expect(await ids(endedAt! - 1_000)).toContain(body.id);
    expect(await ids(endedAt! + 1_000)).not.toContain(body.id);
    await expect(update(randomUUID())).rejects.toMatchObject({ code: 'not-found' });
  });

  test('updates written at the same moment are seen in the order of their ids', async () => {
    const bodies = [outage(), outage()];
    for (const body of bodies) await declare(body);
    const seen: number[] = [];
    let afterId = (await readUpdates(store, { afterId: 0 })).at(-1)!.id;
    let writing = true;
    const reading = (async () => {
      while (writing || seen.length < 40) {
        const found = await readUpdates(store, { afterId });
        seen.push(...found.map(({ id }) => id));
        afterId = seen.at(-1) ?? afterId;
      }
    })();
    const written = await Promise.all(Array.from({ length: 40 }, (_, i) => update(bodies[i % 2]!.id)));
    writing = false;
    await reading;
    expect(seen).toEqual(written.map(({ updateId }) => updateId).toSorted((a, b) => a - b));
  });

  test('a title is one line, text has no control characters but line ends', () => {
    expect(declareBody.safeParse({ ...outage(), by: undefined }).success).toBe(false);
    const { by: _, ...body } = outage();
    expect(declareBody.safeParse(body).success).toBe(true);
    expect(declareBody.safeParse({ ...body, title: 'Mail\r\nBcc: all@example.org' }).success).toBe(false);
    expect(declareBody.safeParse({ ...body, components: ['imap', 'imap'] }).success).toBe(false);
    const one = { key: randomUUID(), state: 'identified', text: 'One.\n\nTwo.' };
    expect(updateBody.parse(one).text).toBe('One.\n\nTwo.');
    expect(updateBody.safeParse({ ...one, text: 'bell \u0007' }).success).toBe(false);
  });
});
