import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrations } from '#context/migrations.ts';
import { checkedCustomer, noteSignIns } from '#directory/index.ts';
import { addAccount } from '#directory/testing.ts';
import { type App, createApp, tellInJson } from '#http/app.ts';
import { actAs } from '#staff/testing.ts';
import { openTestStore, type TestStore } from '#store/testing.ts';
import { openPeople, type People } from './find/people.ts';
import { addFindRoutes } from './find/app.ts';
import { addScreenRoutes } from './screen/app.ts';
import { FIND, type Found } from './find/api.ts';
import { type Screen, screenPath } from './screen/api.ts';

let fixture: TestStore;
let people: People;
let app: App;
let signedIn = true;
const NAME = '<img src=x onerror="document.title=1">';

beforeAll(async () => {
  fixture = await openTestStore(migrations);
  people = openPeople(fixture.store);
  app = createApp(() => {}, tellInJson);
  actAs(app, () => (signedIn ? { id: 1, name: 'ada', role: 'level-one' } : undefined));
  addFindRoutes(app, { people });
  addScreenRoutes(app, { store: fixture.store });
});
afterAll(async () => {
  await people.close();
  await fixture.close();
});

const ask = async (path: string): Promise<{ status: number; type: string | null; body: unknown }> => {
  const response = await app.request(path, {}, { incoming: { socket: {} } });
  return { status: response.status, type: response.headers.get('content-type'), body: await response.json() };
};

test('a caller is found and the screen has the verdict on its evidence, whatever she is called', async () => {
  const id = await addAccount(fixture.store, { address: 'ines@isp.example', customer: checkedCustomer({ name: NAME }) });
  const at = new Date(Date.now() - 60_000);
  const seen = { accountId: id, protocol: 'imap', network: '192.0.2.7', device: 'iPhone Mail 22', means: 'none', firstAt: at, lastAt: at, times: 214 } as const;
  await noteSignIns(fixture.store, [{ ...seen, outcome: 'accepted', means: 'password', reason: '', firstAt: new Date(Date.now() - 9e7), lastAt: new Date(Date.now() - 8e7), times: 9 }, { ...seen, outcome: 'rejected', reason: 'former' }]);
  await expect.poll(async () => ((await ask(`${FIND}?q=ines`)).body as Found).accounts).toEqual([{ id, address: 'ines@isp.example', name: NAME, state: 'active', home: 'old' }]);
  const { status, type, body } = await ask(screenPath(id));
  expect([status, type]).toEqual([200, 'application/json']);
  const { verdict, evidence } = body as Screen;
  expect(verdict).toMatchObject({ rule: 'old-password', line: expect.stringContaining('214') });
  expect(evidence.who.name).toBe(NAME);
});

test('no account, no number, nobody signed in', async () => {
  expect((await ask(screenPath(1e9))).status).toBe(404);
  for (const path of ['/api/desk/accounts/abc', '/api/desk/accounts/0', '/api/desk/accounts/1%27']) expect((await ask(path)).status).toBe(404);
  signedIn = false;
  expect([(await ask(FIND)).status, (await ask(screenPath(1))).status]).toEqual([401, 401]);
  signedIn = true;
});
