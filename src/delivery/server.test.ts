import { connect, type Socket } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterEach, expect, test } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import { systemClock } from '#events/clock.ts';
import { silent } from '#events/index.ts';
import { openHandOver } from './hand-over.ts';
import { createInFlight, type InFlight } from './in-flight.ts';
import { type DeliveryServer, openDelivery } from './server.ts';

type Got = { to: string[]; body: string };
type House = { server: DeliveryServer; inFlight: InFlight; got: Record<string, Got[]>; homes: Map<number, string | undefined>; release: () => void; /** Who waits, or has waited, for the end of a hold. */ waited: number[]; /** What the desk is told. */ noted: string[] };

const closers: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** A platform's LMTP, from a library: it says what it got, and to `slow@` when `release` resolves. */
async function platform(got: Got[], release: Promise<void>): Promise<number> {
  const server = new SMTPServer({
    lmtp: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    onRcptTo: (address, _session, callback) =>
      callback(address.address.startsWith('full@') ? Object.assign(new Error('5.2.2 over quota'), { responseCode: 552 }) : null),
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', () => {});
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map((each) => each.address);
        got.push({ to, body: Buffer.concat(chunks).toString('latin1') });
        if (to.some((each) => each.startsWith('hangs@'))) return;
        const answer = (): void => callback(null, to.map((each) => (each.startsWith('late@') ? Object.assign(new Error('4.2.0 busy'), { responseCode: 450 }) : 'stored')) as never);
        if (to.some((each) => each.startsWith('slow@'))) void release.then(answer);
        else setImmediate(answer);
      });
    },
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise<void>((resolve) => server.close(resolve)));
  return (server.server.address() as { port: number }).port;
}

async function house(): Promise<House> {
  const got: Record<string, Got[]> = { old: [], new: [] };
  const accounts: Record<string, number> = { ada: 1, ben: 2, full: 3, late: 4, lost: 5, slow: 6, hangs: 7 };
  const homes = new Map<number, string | undefined>([[1, 'old'], [2, 'new'], [3, 'old'], [4, 'old'], [5, 'dead'], [6, 'old'], [7, 'old']]);
  const inFlight = createInFlight(systemClock);
  const noted: string[] = [];
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const ports: Record<string, number> = { old: await platform(got['old']!, released), new: await platform(got['new']!, released), dead: 1 };
  const waited: number[] = [];
  const server = await openDelivery({
    host: '127.0.0.1', port: 0, name: 'causeway.test', maxBytes: 1_000_000, clock: systemClock, emit: silent, inFlight,
    findRecipient: async (address) => {
      if (address.startsWith('unsure@')) throw new CausewayError('unavailable', 'the store is gone');
      const accountId = accounts[address.split('@')[0]!];
      return accountId === undefined ? undefined : { accountId, closed: false, addressAt: () => address };
    },
    settled: (accountId) => (waited.push(accountId), released),
    homeNow: (accountId) => homes.get(accountId),
    openHandOver: (name) => openHandOver({ host: '127.0.0.1', port: ports[name]! }, 'causeway.test', systemClock),
    note: ({ accountId, platform: at, outcome, reason }) => void noted.push(`${accountId} ${at || 'nowhere'} ${outcome} ${reason}`.trim()),
  });
  closers.push(() => server.close());
  return { server, inFlight, got, homes, release, waited, noted };
}

/** A sender that says line by line and collects the codes. */
function sender(port: number): Promise<{ say: (text: string, replies?: number) => Promise<string[]>; socket: Socket }> {
  const socket = connect({ host: '127.0.0.1', port });
  closers.push(() => void socket.destroy());
  let buffer = '';
  let wake = (): void => {};
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    buffer += chunk.toString('latin1');
    wake();
  });
  const reply = async (): Promise<string> => {
    for (;;) {
      const match = /^(?:\d{3}-[^\n]*\n)*\d{3} [^\n]*\n/.exec(buffer);
      if (match !== null) {
        buffer = buffer.slice(match[0].length);
        return match[0].trimEnd().split('\n').at(-1)!.trim();
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const say = async (text: string, replies = 1): Promise<string[]> => {
    socket.write(text);
    const got: string[] = [];
    for (let i = 0; i < replies; i += 1) got.push(await reply());
    return got;
  };
  return (async () => {
    await reply();
    await say('LHLO mx\r\n');
    return { say, socket };
  })();
}

const codes = (replies: string[]): string[] => replies.map((each) => each.slice(0, 3));

test('recipients with two homes get the message at both, byte for byte below our trace line', async () => {
  const { server, got } = await house();
  const { say } = await sender(server.port);
  expect(codes(await say('MAIL FROM:<w@x.example>\r\nRCPT TO:<ada@isp.example>\r\nRCPT TO:<ben@isp.example>\r\nRCPT TO:<who@isp.example>\r\nDATA\r\n', 5))).toEqual(['250', '250', '250', '550', '354']);
  const body = 'Subject: x\r\n\r\n..two dots\r\nlone\rCR\r\nend\r\n';
  expect(codes(await say(`${body.replace(/^\./gm, '..')}.\r\n`, 2))).toEqual(['250', '250']);
  for (const name of ['old', 'new']) {
    expect(got[name]).toHaveLength(1);
    expect(got[name]![0]!.body).toMatch(/^Received: from mx \(127\.0\.0\.1\)\r\n\tby causeway\.test with LMTP id \S+;\r\n\t[^\r]+\r\nSubject/);
    expect(got[name]![0]!.body.endsWith(body)).toBe(true);
  }
  expect(got['old']![0]!.to).toEqual(['ada@isp.example']);
  expect(got['new']![0]!.to).toEqual(['ben@isp.example']);
});

test('each recipient gets its own platform’s answer', async () => {
  const { server, noted } = await house();
  const { say } = await sender(server.port);
  expect(codes(await say('MAIL FROM:<>\r\nRCPT TO:<full@isp.example>\r\nRCPT TO:<late@isp.example>\r\nRCPT TO:<ben@isp.example>\r\nRCPT TO:<lost@isp.example>\r\nRCPT TO:<unsure@isp.example>\r\nDATA\r\n', 7))).toEqual(['250', '552', '250', '250', '451', '451', '354']);
  expect(codes(await say('x\r\n.\r\n', 2))).toEqual(['450', '250']);
  expect(noted).toEqual([expect.stringMatching(/^3 old refused 552 /), expect.stringMatching(/^5 dead deferred 451 4\.4\.1 /), expect.stringMatching(/^4 old deferred 450 /), '2 new delivered']);
});

test('in a hold a RCPT waits and then goes to the new home', async () => {
  const { server, homes, release, waited, got, noted } = await house();
  homes.set(1, undefined);
  const { say } = await sender(server.port);
  await say('MAIL FROM:<w@x.example>\r\n');
  const answer = say('RCPT TO:<ada@isp.example>\r\n');
  await expect.poll(() => waited, { interval: 5 }).toEqual([1]);
  expect(await Promise.race([answer, systemClock.sleep(50).then(() => 'waiting')])).toBe('waiting');
  homes.set(1, 'new');
  release();
  expect(codes(await answer)).toEqual(['250']);
  await say('DATA\r\n');
  expect(codes(await say('x\r\n.\r\n'))).toEqual(['250']);
  expect(got['new']).toHaveLength(1);
  expect(got['old']).toHaveLength(0);
  expect(noted).toEqual(['1 new held', '1 new delivered']);
});

test('a delivery under way makes a freeze wait for its end, or busy when it does not end', async () => {
  const { server, inFlight } = await house();
  const { say } = await sender(server.port);
  await say('MAIL FROM:<w@x.example>\r\nRCPT TO:<ada@isp.example>\r\n', 2);
  expect(await inFlight.freeze(1, 1, 20)).toBe('busy');
  expect(await inFlight.freeze(2, 1, 20)).toBe('quiet');
  const freeze = inFlight.freeze(1, 1, 25_000);
  await say('DATA\r\n');
  await say('x\r\n.\r\n');
  expect(await freeze).toBe('quiet');
});

test('a delivery to a home that was given up is ended, and its recipients are deferred; those elsewhere get theirs', async () => {
  const { server, inFlight, got, homes } = await house();
  const { say } = await sender(server.port);
  await say('MAIL FROM:<w@x.example>\r\nRCPT TO:<ada@isp.example>\r\nRCPT TO:<ben@isp.example>\r\n', 3);
  expect(await inFlight.freeze(1, 1, 2_000, true)).toBe('quiet');
  await inFlight.cut(1);
  expect(await inFlight.freeze(2, 1, 20)).toBe('busy');
  homes.set(1, 'new');
  await say('DATA\r\n');
  expect(codes(await say('x\r\n.\r\n', 2))).toEqual(['451', '250']);
  expect(got).toMatchObject({ old: [], new: [{ to: ['ben@isp.example'] }] });

  // One that has its message already, and does not answer.
  const slow = await sender(server.port);
  await slow.say('MAIL FROM:<w@x.example>\r\nRCPT TO:<hangs@isp.example>\r\nDATA\r\n', 3);
  const answer = slow.say('x\r\n.\r\n');
  await expect.poll(() => got['old'], { interval: 5 }).toHaveLength(1);
  expect(await inFlight.freeze(7, 1, 2_000, true)).toBe('quiet');
  expect(codes(await answer)).toEqual(['451']);
});

test('RSET and a lost sender end what was under way, and half a message is no message', async () => {
  const { server, inFlight, got } = await house();
  const one = await sender(server.port);
  await one.say('MAIL FROM:<w@x.example>\r\nRCPT TO:<ada@isp.example>\r\nRSET\r\n', 3);
  expect(await inFlight.freeze(1, 1, 1_000)).toBe('quiet');
  const two = await sender(server.port);
  await two.say('MAIL FROM:<w@x.example>\r\nRCPT TO:<ada@isp.example>\r\nDATA\r\n', 3);
  two.socket.write('half a mess');
  two.socket.destroy();
  expect(await inFlight.freeze(1, 1, 25_000)).toBe('quiet');
  expect(got['old']).toHaveLength(0);
});

test('a sender that leaves before the answer leaves its delivery under way', async () => {
  const { server, inFlight, got, release } = await house();
  const { say, socket } = await sender(server.port);
  await say('MAIL FROM:<w@x.example>\r\nRCPT TO:<slow@isp.example>\r\nDATA\r\n', 3);
  socket.end('x\r\n.\r\n');
  await expect.poll(() => got['old'], { interval: 5 }).toHaveLength(1);
  expect(await inFlight.freeze(6, 1, 50)).toBe('busy');
  release();
  expect(await inFlight.freeze(6, 1, 25_000)).toBe('quiet');
});

test('a port that is taken is a clear mistake of the configuration', async () => {
  const { server } = await house();
  await expect(
    openDelivery({ host: '127.0.0.1', port: server.port } as Parameters<typeof openDelivery>[0]),
  ).rejects.toMatchObject({ code: 'config', place: `127.0.0.1:${server.port}` });
});
