/**
 * The clients: a process of its own, the same for all fronts. Each TLS login is a full handshake, TLS 1.3 on P-256;
 * no session is ever resumed.
 */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext } from 'node:tls';
import type { Account } from '../fronts/front.ts';
import type { Done, Order } from './orders.ts';

/** A front that takes this long has failed. */
const PATIENCE_MS = 30_000;
/** Signing in while held sessions are gathered. */
const HOLD_AT_ONCE = 16;

const accounts = JSON.parse(process.argv[2]!) as Account[];
const secureContext = createSecureContext({ minVersion: 'TLSv1.3', ecdhCurve: 'P-256' });
let turn = 0;
let held: Socket[] = [];

type SignedIn = { readonly socket: Socket; readonly ms: number };

function signIn(port: number, tls: boolean): Promise<SignedIn> {
  const [login, secret] = accounts[turn++ % accounts.length]!;
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const socket = tls
      ? connectTls({ host: '127.0.0.1', port, secureContext, rejectUnauthorized: false })
      : connectTcp({ host: '127.0.0.1', port });
    socket.setNoDelay(true);
    const fail = (why: string): void => {
      socket.destroy();
      reject(new Error(why));
    };
    const onEnd = (): void => fail(`the connection ended after: ${text}`);
    const onError = (error: Error): void => fail(error.message);
    let text = '';
    let greeted = false;
    const onData = (chunk: Buffer): void => {
      text += chunk.toString('latin1');
      if (!text.endsWith('\r\n')) return;
      if (!greeted) {
        greeted = true;
        text = '';
        socket.write(`a LOGIN ${login} ${secret}\r\n`);
        return;
      }
      const answer = /^a (\S+).*/m.exec(text);
      if (answer === null) return;
      if (answer[1] !== 'OK') return fail(text);
      socket.setTimeout(0);
      socket.off('data', onData).off('end', onEnd).off('error', onError);
      resolve({ socket, ms: performance.now() - began });
    };
    socket.on('data', onData).on('end', onEnd).on('error', onError);
    socket.setTimeout(PATIENCE_MS, () => fail('no answer'));
  });
}

async function wholeLogin(port: number, tls: boolean): Promise<number> {
  const { socket, ms } = await signIn(port, tls);
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', () => resolve());
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('no end after LOGOUT')));
    socket.resume();
    socket.write('b LOGOUT\r\n');
  });
  return ms;
}

async function each(count: number, atOnce: number, work: () => Promise<number>): Promise<Done> {
  const ms: number[] = [];
  const failed: string[] = [];
  const began = performance.now();
  let left = count;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await work().then((took) => ms.push(took), (error: Error) => failed.push(error.message));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return { failed, ms, seconds: (performance.now() - began) / 1_000 };
}

async function byTheClock(perSecond: number, seconds: number, work: () => Promise<number>): Promise<Done> {
  const ms: number[] = [];
  const failed: string[] = [];
  const began = performance.now();
  const all: Promise<unknown>[] = [];
  for (let n = 0; n < perSecond * seconds; n += 1) {
    const wait = began + (n * 1_000) / perSecond - performance.now();
    if (wait > 0) await new Promise((wake) => setTimeout(wake, wait));
    all.push(work().then((took) => ms.push(took), (error: Error) => failed.push(error.message)));
  }
  await Promise.all(all);
  return { failed, ms, seconds: (performance.now() - began) / 1_000 };
}

async function bulk(port: number, bytes: number): Promise<Done> {
  const { socket } = await signIn(port, true);
  const began = performance.now();
  let got = 0;
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`the connection ended after ${got} bytes`)));
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('no byte')));
    socket.on('data', (chunk: Buffer) => {
      got += chunk.length;
      if (got > bytes && chunk.toString('latin1', Math.max(0, chunk.length - 64)).endsWith('b OK Done.\r\n')) resolve();
    });
    socket.write(`b FETCH 1 BODY[]<0.${bytes}>\r\n`);
  });
  const seconds = (performance.now() - began) / 1_000;
  socket.removeAllListeners('close');
  socket.destroy();
  return { failed: [], ms: [], seconds };
}

async function obey(order: Order): Promise<Done> {
  switch (order.do) {
    case 'logins':
      return each(order.count, order.atOnce, () => wholeLogin(order.port, order.tls));
    case 'rate':
      return byTheClock(order.perSecond, order.seconds, () => wholeLogin(order.port, true));
    case 'hold':
      return each(order.count, HOLD_AT_ONCE, async () => {
        const { socket, ms } = await signIn(order.port, true);
        socket.on('error', () => {});
        socket.resume();
        held.push(socket);
        return ms;
      });
    case 'release': {
      for (const socket of held) socket.destroy();
      held = [];
      return { failed: [], ms: [], seconds: 0 };
    }
    case 'bulk':
      return bulk(order.port, order.bytes);
  }
}

process.on('message', (order) => {
  obey(order as Order).then(
    (done) => process.send!(done),
    (error: Error) => process.send!({ failed: [error.message], ms: [], seconds: 0 } satisfies Done),
  );
});
process.on('disconnect', () => process.exit(0));
