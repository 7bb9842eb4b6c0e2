/**
 * Somebody of each role, for the demo: one password, and no codes, so that a newcomer is in at once.
 *
 * Invariant: only a demo makes these; an installation's staff are made by `causeway staff add`, which makes the passwords.
 */
import { systemClock } from '#events/clock.ts';
import { silent } from '#events/index.ts';
import { createHasher } from '#signin/index.ts';
import type { Role } from '#staff/api.ts';
import { addPerson, listStaff } from '#staff/people.ts';
import type { Store } from '#store/index.ts';

export type DemoStaff = { readonly name: string; readonly role: Role; readonly password: string };

const PASSWORD = 'sandbank lantern tide';
const PEOPLE: readonly (readonly [string, Role])[] = [['ana', 'level-one'], ['ben', 'level-two'], ['carla', 'lead'], ['diego', 'operator'], ['elena', 'administrator']];

/** @returns all of them, also those that an earlier demo on the same database made */
export async function addStaff(store: Store): Promise<DemoStaff[]> {
  const hasher = createHasher({ clock: systemClock, emit: silent, workers: 1 });
  try {
    const password = await hasher.makeInTurn(PASSWORD);
    const there = new Set((await listStaff(store)).map(({ name }) => name));
    await store.transaction(async (tx) => {
      for (const [name, role] of PEOPLE) if (!there.has(name)) await addPerson(tx, { name, role, password, seal: undefined }, { actor: 'demo' });
    });
    return PEOPLE.map(([name, role]) => ({ name, role, password: PASSWORD }));
  } finally {
    await hasher.close();
  }
}
