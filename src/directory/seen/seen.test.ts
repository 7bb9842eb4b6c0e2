import { afterAll, beforeAll, expect, test } from 'vitest';
import { createManualClock } from '#events/manual-clock.testing.ts';
import type { TestStore } from '#store/testing.ts';
import { listSignInsByReason, noteSignIns } from '../secrets/sign-in-seen.ts';
import { addAccount, openDirectoryStore } from '../testing.ts';
import { createDeliveryNotes, listDeliveries } from './delivery-seen.ts';
import { createDoorNotes, listDoorFaults } from './door-seen.ts';
import { createOutageNotes, listOutageEnds } from './outage-seen.ts';


let fixture: TestStore;
beforeAll(async () => {
  fixture = await openDirectoryStore();
});
afterAll(() => fixture.close());

/** As a process's clock: the rows are as old as the store's own time says. */
const clock = () => ({ ...createManualClock(0), now: () => Date.now() });

test('how mail fared: one row for each answer, whatever id the platform put into it', async () => {
  const id = await addAccount(fixture.store);
  const { note, close } = createDeliveryNotes(fixture.store, clock());
  for (const queued of ['4F1A2B3C9D', '7E00AA11BB', '112233445566']) note({ accountId: id, platform: 'old', outcome: 'deferred', reason: `452 4.2.2 Mailbox full, ${queued}` });
  note({ accountId: id, platform: 'old', outcome: 'delivered', reason: '' });
  note({ accountId: 1e9, platform: 'old', outcome: 'delivered', reason: '' });
  await close();
  const rows = await listDeliveries(fixture.store, id);
  expect(rows.map(({ outcome, reason, times }) => [outcome, reason, times]).toSorted()).toEqual([['deferred', '452 4.2.2 Mailbox full, *', 3], ['delivered', '', 1]]);
  const again = createDeliveryNotes(fixture.store, clock());
  again.note({ accountId: id, platform: 'old', outcome: 'delivered', reason: '' });
  await again.close();
  expect((await listDeliveries(fixture.store, id)).find(({ outcome }) => outcome === 'delivered')).toMatchObject({ times: 2 });
});

test('the door: by network, with what was asked for made harmless', async () => {
  const { note, close } = createDoorNotes(fixture.store, (address) => address, clock());
  note({ network: '192.0.2.1', fault: 'old-tls', detail: '' });
  note({ network: '192.0.2.1', fault: 'certificate', detail: `mail.example\n${'x'.repeat(300)}` });
  note({ network: '192.0.2.2', fault: 'no-tls', detail: '' });
  for (const fault of ['plain-text', 'unknown-name'] as const) note({ network: '192.0.2.3', fault, detail: 'imap' });
  await close();
  const faults = await listDoorFaults(fixture.store, ['192.0.2.1', '192.0.2.9']);
  expect(faults.map(({ fault, detail }) => [fault, detail.length])).toEqual(expect.arrayContaining([['old-tls', 0], ['certificate', 255]]));
  expect(faults).toHaveLength(2);
  expect(faults.map(({ detail }) => detail).join()).not.toContain('\n');
  expect(await listDoorFaults(fixture.store, ['192.0.2.3'])).toHaveLength(2);
  expect(await listDoorFaults(fixture.store, [])).toEqual([]);
});

test('mail that is not taken, or is again, is told within a minute', async () => {
  const id = await addAccount(fixture.store);
  const now = createManualClock(0);
  const notes = createDeliveryNotes(fixture.store, { ...now, now: () => Date.now() });
  const came = (outcome: 'delivered' | 'deferred') => notes.note({ accountId: id, platform: 'old', outcome, reason: outcome === 'deferred' ? '451 no' : '' });
  // A flush waits for the store, and not for this clock: it is turned until what is wanted is there.
  const seen = (ms: number, wanted: (string | number)[][]): Promise<void> => {
    let left = ms;
    return expect.poll(async () => {
      if (left > 0) await now.pass(5_000);
      left -= 5_000;
      return (await listDeliveries(fixture.store, id)).map(({ outcome, times }) => [outcome, times]).toSorted();
    }, { interval: 20 }).toEqual(wanted);
  };
  came('delivered');
  await seen(30_000, [['delivered', 1]]);
  came('deferred');
  came('delivered');
  await seen(30_000, [['deferred', 1], ['delivered', 2]]);
  came('delivered');
  await seen(30_000, [['deferred', 1], ['delivered', 2]]);
  came('deferred');
  await seen(120_000, [['deferred', 2], ['delivered', 2]]);
  await notes.close();
});

test('one row of a device, though it came with two passwords of the account within a flush', async () => {
  const id = await addAccount(fixture.store);
  const row = { accountId: id, protocol: 'imap', network: '192.0.2.1', device: '', outcome: 'accepted', means: 'password', reason: '', firstAt: new Date(), lastAt: new Date(), times: 2 } as const;
  await noteSignIns(fixture.store, [row, row]);
  expect(await listSignInsByReason(fixture.store, id)).toMatchObject([{ times: 4 }]);
});

test('an outage ends with the first that works: of two customers, or of a while without any; one broken mailbox is none', async () => {
  const manual = createManualClock(0);
  const notes = createOutageNotes(fixture.store, { ...manual, now: () => 1_000_000_000_000 + manual.monotonic() });
  const ends = async (service: 'way' | 'check'): Promise<number | undefined> => (await listOutageEnds(fixture.store, ['p', 'q'])).find((each) => each.service === service)?.backAt.getTime();
  const works = (service: 'way' | 'check'): number => {
    notes.worked('p', service);
    return 1_000_000_000_000 + manual.monotonic();
  };
  const told = (service: 'way' | 'check', at: number): Promise<void> =>
    expect.poll(async () => {
      await manual.pass(5_000);
      return ends(service);
    }, { interval: 20 }).toBe(at);
  // What was before the start is not known.
  const first = works('way');
  await told('way', first);
  for (let n = 0; n < 5; n++) {
    notes.failed('p', 'way', 1);
    works('way');
  }
  // The same customer alone: what is written after it is there, and it is not.
  await told('check', works('check'));
  expect(await ends('way')).toBe(first);
  notes.failed('p', 'way', 1);
  notes.failed('p', 'way', 2);
  await told('way', works('way'));
  notes.failed('p', 'way', 1);
  await manual.pass(10_000);
  await told('way', works('way'));
  await notes.close();
});
