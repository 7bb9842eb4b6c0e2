import { expect, test } from 'vitest';
import type { SignInSeen } from '#directory/secrets/sign-in-seen.ts';
import { createManualClock } from '#events/manual-clock.testing.ts';
import { createHistory, type Presented } from './history.ts';

const HOUR = 3_600_000;

function start() {
  const clock = createManualClock(0);
  const written: SignInSeen[][] = [];
  const store: { gone: boolean; writing?: Promise<void> | undefined } = { gone: false };
  const history = createHistory({
    keeper: {
      noteSignIns: async (seen) => {
        if (store.gone) throw new Error('gone');
        await store.writing;
        written.push([...seen]);
      },
      forgetSignIns: async () => {},
    },
    networkText: (address) => address,
    clock,
  });
  const note = (more: Partial<Presented> = {}): void => history.note({ accountId: 1, protocol: 'imap', network: '192.0.2.1', device: '', outcome: 'accepted', means: 'password', reason: '', ...more });
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 5_000) await clock.pass(Math.min(5_000, left));
  };
  return { clock, written, store, history, note, pass };
}

test('a device is written within seconds, and then once an hour with all that came meanwhile', async () => {
  const { written, note, pass, history } = start();
  note();
  await pass(5_000);
  expect(written).toMatchObject([[{ network: '192.0.2.1', times: 1, firstAt: new Date(0), lastAt: new Date(0) }]]);
  for (let minute = 0; minute < 30; minute++) {
    note();
    await pass(60_000);
  }
  expect(written).toHaveLength(1);
  await pass(HOUR);
  expect(written).toHaveLength(2);
  expect(written[1]).toMatchObject([{ times: 30 }]);
  note();
  await history.close();
  expect(written[2]).toMatchObject([{ times: 1 }]);
});

test('without the store nothing is lost, and what cannot be kept is dropped', async () => {
  const { written, store, note, pass, history } = start();
  store.gone = true;
  note();
  note();
  await pass(60_000);
  expect(written).toEqual([]);
  store.gone = false;
  await pass(5_000);
  expect(written).toMatchObject([[{ times: 2 }]]);
  await history.close();
});

test('a crowd of guessers is twenty lines and one more, and hides no device of the owner', async () => {
  const { written, note, history } = start();
  for (let n = 0; n < 500; n++) note({ network: `198.51.100.${n}`, outcome: 'rejected', means: 'none', device: `bot ${n}` });
  note({ network: '203.0.113.7' });
  note({ accountId: 2, network: '198.51.100.400', outcome: 'rejected', means: 'none' });
  await history.close();
  const rows = written.flat();
  const guesses = rows.filter(({ accountId, outcome }) => accountId === 1 && outcome === 'rejected');
  expect(guesses).toHaveLength(21);
  expect(guesses.find(({ network }) => network === 'elsewhere')).toMatchObject({ times: 480, device: '' });
  expect(rows).toContainEqual(expect.objectContaining({ accountId: 1, network: '203.0.113.7', outcome: 'accepted' }));
  expect(rows).toContainEqual(expect.objectContaining({ accountId: 2, network: '198.51.100.400' }));
});

test('who could not be judged, and who can be again, is written at once: it is counted who is still out', async () => {
  const { written, note, pass, history } = start();
  const outcomes = (): string[] => written.flat().map(({ outcome }) => outcome);
  note();
  await pass(5_000);
  note({ outcome: 'waiting', means: 'none' });
  note({ outcome: 'waiting', means: 'none' });
  await pass(5_000);
  expect(outcomes()).toEqual(['accepted', 'waiting']);
  note({ outcome: 'waiting', means: 'none' });
  note();
  await pass(15_000);
  expect(outcomes()).toEqual(['accepted', 'waiting', 'accepted']);
  note();
  await pass(120_000);
  expect(outcomes(), 'what was refused, within a minute; the others hourly as ever').toEqual(['accepted', 'waiting', 'accepted', 'waiting']);
  await history.close();
});

test('who is right after a wrong secret is told within a quarter of a minute, so that nobody is asked about what is over', async () => {
  const { note, pass, written, history } = start();
  note();
  await pass(5_000);
  note({ outcome: 'rejected', means: 'none', reason: 'former' });
  await pass(5_000);
  expect(written).toHaveLength(2);
  note();
  await pass(15_000);
  expect(written[2]).toMatchObject([{ outcome: 'accepted', times: 1 }]);
  note();
  await pass(60_000);
  expect(written).toHaveLength(3);
  await history.close();
});

test('what is refused is told each minute; a right secret that the home takes at last, within a minute', async () => {
  const { note, pass, written, history, clock } = start();
  const lastOf = (outcome: string): number => Math.max(...written.flat().filter((row) => row.outcome === outcome).map(({ lastAt }) => lastAt.getTime()));
  const attempt = async (letIn: boolean): Promise<number> => {
    const at = clock.now();
    note();
    await pass(1_000);
    if (!letIn) note({ outcome: 'waiting', means: 'none', reason: 'platform' });
    return at;
  };
  for (let n = 0; n < 5; n++) {
    await attempt(false);
    await pass(120_000);
    // Never does it look as if it had got in since: that would be said to be over.
    expect(lastOf('accepted') - lastOf('waiting')).toBeLessThan(18_000);
    expect(clock.now() - lastOf('waiting')).toBeLessThan(130_000);
  }
  const at = await attempt(true);
  await pass(60_000);
  expect(lastOf('accepted')).toBe(at);
  await attempt(true);
  await pass(60_000);
  const writes = written.length;
  for (let n = 0; n < 10; n++) await attempt(true).then(() => pass(60_000));
  expect(written, 'and then hourly as ever').toHaveLength(writes);
  for (let n = 0; n < 30; n++) {
    note({ network: '198.51.100.9', outcome: 'rejected', means: 'none', reason: 'secret' });
    await pass(10_000);
  }
  expect(written.length - writes, 'one a minute').toBeLessThanOrEqual(7);
  expect(lastOf('rejected')).toBeGreaterThan(clock.now() - 70_000);
  await history.close();
});

test('whether a customer got in after a failure is known within a minute, of each program, though they came within the hour', async () => {
  const { note, pass, written, history, clock } = start();
  const PHONE = { network: '203.0.113.7', device: 'phone' };
  const lastOf = (device: string): number => Math.max(...written.flat().filter((row) => row.device === device && row.outcome === 'accepted').map(({ lastAt }) => lastAt.getTime()));
  note({ device: 'desk' });
  note(PHONE);
  await pass(300_000);
  note({ device: 'desk' });
  note(PHONE);
  await pass(120_000);
  expect([lastOf('desk'), lastOf('phone')]).toEqual([0, 0]);
  // Nobody could judge either; the phone is the first to get in.
  note({ device: 'desk', outcome: 'waiting', means: 'none', reason: 'verifier-down' });
  note({ ...PHONE, outcome: 'waiting', means: 'none', reason: 'verifier-down' });
  await pass(60_000);
  const phone = clock.now();
  note(PHONE);
  await pass(10_000);
  expect(lastOf('phone')).toBe(phone);
  await pass(60_000);
  const desk = clock.now();
  note({ device: 'desk' });
  await pass(10_000);
  expect(lastOf('desk')).toBe(desk);
  // A third one that did not fail itself, while another fails: that she is in from there is an answer, too.
  note({ network: '192.0.2.44', device: 'laptop' });
  await pass(300_000);
  note({ device: 'desk', outcome: 'rejected', means: 'none', reason: 'former' });
  await pass(60_000);
  const laptop = clock.now();
  note({ network: '192.0.2.44', device: 'laptop' });
  await pass(10_000);
  expect(lastOf('laptop')).toBe(laptop);
  await history.close();
});

test('a forgotten tablet makes no row of the other programs; it is the hour of them as ever', async () => {
  const { note, pass, written, history } = start();
  for (let n = 0; n < 24; n++) {
    note({ device: 'tablet', outcome: 'rejected', means: 'none', reason: 'former' });
    note({ device: 'desk' });
    note({ network: '203.0.113.7', device: 'phone' });
    await pass(300_000);
  }
  const rows = (device: string): number => written.flat().filter((row) => row.device === device).length;
  // Two hours: each program at once and hourly from then on; what it had begun to be beside cost one row.
  expect([rows('desk'), rows('phone')]).toEqual([2, 2]);
  expect(rows('tablet')).toBe(24);
  await history.close();
});

test('a town whose programs come all the time is a row an hour each; when its platform is back, one more, within a minute', async () => {
  const { note, pass, written, history, clock } = start();
  const CUSTOMERS = 28_000;
  const rowsSince = (from: number): number => written.slice(from).reduce((sum, rows) => sum + rows.length, 0);
  const everybody = (more: Partial<Presented> = {}): void => {
    for (let accountId = 1; accountId <= CUSTOMERS; accountId++) note({ accountId, device: 'desk', ...more });
  };
  for (let n = 0; n < 4; n++) {
    everybody();
    await pass(HOUR / 4);
  }
  expect(rowsSince(0)).toBe(CUSTOMERS);
  everybody();
  await pass(180_000);
  everybody({ outcome: 'waiting', means: 'none', reason: 'verifier-down' });
  await pass(60_000);
  const before = written.length;
  const back = clock.now();
  everybody();
  await pass(60_000);
  expect(rowsSince(before)).toBe(CUSTOMERS);
  expect(written.slice(before).flat().every(({ lastAt, outcome }) => outcome === 'accepted' && lastAt.getTime() === back)).toBe(true);
  await pass(120_000);
  everybody();
  await pass(180_000);
  expect(rowsSince(before), 'and from then on hourly').toBe(CUSTOMERS);
  await history.close();
});

test('what comes while the store is writing is not put off by an hour', async () => {
  const { note, pass, written, store, history, clock } = start();
  note();
  await pass(5_000);
  note({ outcome: 'rejected', means: 'none', reason: 'secret' });
  await pass(20_000);
  note();
  let late: (() => void) | undefined;
  store.writing = new Promise((done) => (late = done));
  await pass(5_000);
  note({ outcome: 'rejected', means: 'none', reason: 'secret' });
  note();
  const at = clock.now();
  late!();
  store.writing = undefined;
  // Less than the store is waited for.
  await pass(1_000);
  await pass(60_000);
  expect(written.flat().filter(({ outcome }) => outcome === 'accepted').at(-1)).toMatchObject({ lastAt: new Date(at) });
  await history.close();
});

test('who comes with the new password, or at the new home, is told at once, though the device came within the hour', async () => {
  const { note, pass, written, history, clock } = start();
  note({ standing: '1 old' });
  await pass(600_000);
  note({ standing: '1 old' });
  await pass(5_000);
  expect(written).toHaveLength(1);
  const at = clock.now();
  note({ standing: '2 old' });
  await pass(5_000);
  expect(written[1]).toMatchObject([{ outcome: 'accepted', lastAt: new Date(at) }]);
  note({ standing: '2 new' });
  await pass(5_000);
  expect(written[2]).toMatchObject([{ outcome: 'accepted', lastAt: new Date(at + 5_000) }]);
  await history.close();
});
