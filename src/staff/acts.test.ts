import { expect, test } from 'vitest';
import { silent } from '#events/index.ts';
import { type App, createApp, tellInJson } from '#http/app.ts';
import { type Act, ACTS } from './acts.ts';
import { ROLES, type StaffMember } from './api.ts';
import { actorOf, guarded } from './guarded.ts';
import { actAs } from './testing.ts';

const acts = Object.keys(ACTS) as Act[];

function house(who: () => StaffMember | undefined): App {
  const app = createApp(silent, tellInJson);
  actAs(app, who);
  for (const act of acts) app.post(`/${act}`, guarded(act), (c) => c.json({ by: actorOf(c.get('staff')) }));
  return app;
}

const post = async (app: App, act: Act): Promise<Response> => app.request(`/${act}`, { method: 'POST' }, { incoming: { socket: {} } });

test.each(ROLES)('%s may what the table says, and nothing else', async (role) => {
  const app = house(() => ({ id: 1, name: 'kim', role }));
  const allowed = new Map<Act, boolean>();
  for (const act of acts) {
    const answer = await post(app, act);
    expect([200, 403], act).toContain(answer.status);
    if (answer.status === 200) expect(await answer.json()).toEqual({ by: 'staff:kim' });
    allowed.set(act, answer.status === 200);
  }
  expect(Object.fromEntries(allowed)).toEqual(Object.fromEntries(acts.map((act) => [act, (ACTS[act] as readonly string[]).includes(role)])));
});

test('nobody who is not signed in may anything', async () => {
  const app = house(() => undefined);
  for (const act of acts) expect((await post(app, act)).status, act).toBe(401);
});

test('level one rolls nobody back and runs no plan; only administrators manage the staff', () => {
  expect(ACTS['account.roll-back']).not.toContain('level-one');
  expect(ACTS['plan.run']).not.toContain('lead');
  expect(ACTS['staff.manage']).toEqual(['administrator']);
});
