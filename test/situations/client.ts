/** Mail programs of the situations: each connects from an address of its own, so that each is a network. */
import { connect as connectTcp, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { createPeer, type Peer } from '../../src/gateway/peers.testing.ts';
import { encodePlain } from '../../src/wire/sasl.ts';

/** A refusal is held back for seconds; a busy machine adds its own. */
const PATIENCE_MS = 30_000;

export type Program = {
  /** Its address, of 127.0.0.0/8. */
  readonly from: string;
  /** What it says of itself by ID, or in EHLO. */
  readonly device?: string;
};

export function open(port: number, { from }: Program): Peer {
  const socket = connectTls({ socket: connectTcp({ port, host: '127.0.0.1', localAddress: from }), rejectUnauthorized: false });
  socket.setTimeout(PATIENCE_MS, () => socket.destroy());
  return createPeer(socket);
}

export function openClear(port: number, { from }: Program): Peer {
  const socket = connectTcp({ port, host: '127.0.0.1', localAddress: from });
  socket.setTimeout(PATIENCE_MS, () => socket.destroy());
  return createPeer(socket);
}

const line = async (peer: Peer): Promise<string> => (await peer.sees('\r\n')).slice(0, -2);

/** Signs in and stays. */
export async function imap(port: number, program: Program, login: string, secret: string): Promise<{ peer: Peer; answer: string }> {
  const peer = open(port, program);
  await peer.sees('ready.\r\n');
  if (program.device !== undefined) {
    peer.send(`i ID ("name" "${program.device}")\r\n`);
    await peer.sees('i OK Done.\r\n');
  }
  peer.send(`a LOGIN "${login}" "${secret}"\r\n`);
  let answer = await line(peer);
  while (!answer.startsWith('a ')) answer = await line(peer);
  return { peer, answer };
}

/** Signs in once and goes. @returns whether it got in */
export async function visit(port: number, program: Program, login: string, secret: string): Promise<boolean> {
  const { peer, answer } = await imap(port, program, login, secret);
  peer.socket.destroy();
  return answer.startsWith('a OK');
}

/** Signs in and goes, and comes again each second while it is told to, as mail programs do. @returns whether it got in */
export async function comes(port: number, program: Program, login: string, secret: string, times = 30): Promise<boolean> {
  for (let left = times; ; await sleep(1_000)) {
    const { peer, answer } = await imap(port, program, login, secret);
    peer.socket.destroy();
    left -= 1;
    if (!answer.startsWith('a NO [UNAVAILABLE]') || left <= 0) return answer.startsWith('a OK');
  }
}

export async function pop3(port: number, program: Program, login: string, secret: string): Promise<{ peer: Peer; answer: string }> {
  const peer = open(port, program);
  await peer.sees('ready.\r\n');
  peer.send(`USER ${login}\r\n`);
  await line(peer);
  peer.send(`PASS ${secret}\r\n`);
  return { peer, answer: await line(peer) };
}

export async function submit(port: number, { from, device = 'laptop' }: Program, login: string, secret: string): Promise<string> {
  const peer = open(port, { from });
  await peer.sees('ready.\r\n');
  peer.send(`EHLO ${device}\r\n`);
  await peer.sees('250 AUTH PLAIN LOGIN\r\n');
  peer.send(`AUTH PLAIN ${encodePlain({ authcid: login, secret })}\r\n`);
  const answer = await line(peer);
  peer.socket.destroy();
  return answer;
}

/** A program of 2008: resolves when it has given up. */
export function oldTls(port: number, { from }: Program): Promise<void> {
  const socket = connectTls({ socket: connectTcp({ port, host: '127.0.0.1', localAddress: from }), minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0', rejectUnauthorized: false });
  return new Promise((resolve) => socket.on('error', () => {}).once('close', () => resolve()));
}

/**
 * A program that looks for another host's name in the certificate says in the handshake that it does not take it. Node's
 * own looks at it afterwards, so what a phone sends is sent by hand: a ClientHello, and the alert unknown_ca (RFC 8446, 6).
 */
export async function distrustful(port: number, { from }: Program, host: string): Promise<void> {
  const hello = await helloOf(host);
  const socket = connectTcp({ port, host: '127.0.0.1', localAddress: from });
  socket.write(hello);
  socket.once('data', () => socket.write(Buffer.from([0x15, 3, 3, 0, 2, 2, 48])));
  await new Promise<void>((resolve) => socket.on('error', () => {}).once('close', () => resolve()));
}

/** What Node says first to a server of that name, taken from a port that answers nothing. */
async function helloOf(host: string): Promise<Buffer> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const heard = new Promise<Buffer>((resolve) => server.once('connection', (socket) => socket.once('data', (bytes) => (socket.destroy(), resolve(bytes)))));
  connectTls({ port, host: '127.0.0.1', servername: host, maxVersion: 'TLSv1.2' }).on('error', () => {});
  const hello = await heard;
  server.close();
  return hello;
}

/** Hands a message over by LMTP. @returns the last reply's code */
export async function deliver(port: number, to: string): Promise<number> {
  const peer = openClear(port, { from: '127.0.0.1' });
  let code = 0;
  for (const says of ['', 'LHLO mx.example', 'MAIL FROM:<friend@elsewhere.example>', `RCPT TO:<${to}>`, 'DATA', 'Subject: hello\r\n\r\nhello\r\n.']) {
    if (says !== '') peer.send(`${says}\r\n`);
    let reply = await line(peer);
    while (reply[3] === '-') reply = await line(peer);
    code = Number(reply.slice(0, 3));
    if (code >= 400) break;
  }
  peer.socket.destroy();
  return code;
}
