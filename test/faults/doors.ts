/**
 * The four doors as a client uses them: one sign-in over TLS, and what it was told.
 *
 * Invariant: a reply counts only if its bytes are those of the table of replies; anything else is told as it came.
 */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { RunFile } from '../../src/context/data-folder.ts';
import { createPeer, type Peer } from '../../src/gateway/peers.testing.ts';
import { type Moment, replyFor } from '../../src/signin/replies.ts';
import type { MailProtocol } from '../../src/signin/verdict.ts';
import { encodePlain } from '../../src/wire/sasl.ts';
import { sleep } from '../installation.ts';

export type Outcome = 'in' | 'unavailable' | 'rejected' | 'closed';
export type Told = Outcome | { readonly said: string; /** The connection went before the answer to a secret. */ readonly lost?: true };

type Secret = { readonly login: string; readonly secret: string };

type Door = {
  port(ports: RunFile['ports']): number | undefined;
  /** A connection over TLS that may be told a secret. Throws when it is lost before. */
  open(port: number): Promise<Peer>;
  /** Undefined: signed in, and a command was answered after it. */
  signIn(peer: Peer, who: Secret): Promise<{ moment: Moment; line: string } | undefined>;
};

/** The longest that a client waits for an answer: FairEmail's 20 s, and what a busy machine adds. */
const PATIENCE_MS = 30_000;
/** For the connection alone: a worker, or the whole of an instance, may be starting. */
const CONNECT_MS = 60_000;

const watched = (socket: Socket): Peer => {
  socket.setTimeout(PATIENCE_MS, () => socket.destroy());
  return createPeer(socket);
};
const overTls = async (port: number, greeting: string): Promise<Peer> => {
  const peer = watched(connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }));
  await peer.sees(greeting);
  return peer;
};
const line = async (peer: Peer): Promise<string> => (await peer.sees('\r\n')).slice(0, -2);
const ask = (peer: Peer, command: string): Promise<string> => {
  peer.send(`${command}\r\n`);
  return line(peer);
};

async function proven(peer: Peer, command: string, answer: string): Promise<undefined> {
  peer.send(`${command}\r\n`);
  await peer.sees(answer);
  peer.socket.destroy();
}

export const DOORS: Readonly<Record<MailProtocol, Door>> = {
  imap: {
    port: ({ imaps }) => imaps,
    open: (port) => overTls(port, 'IMAP ready.\r\n'),
    async signIn(peer, { login, secret }) {
      const answer = await ask(peer, `a LOGIN "${login}" "${secret}"`);
      return answer.startsWith('a OK') ? proven(peer, 'b SELECT INBOX', 'b OK') : { moment: 'secret', line: answer.replace(/^a /, '') };
    },
  },
  pop3: {
    port: ({ pop3s }) => pop3s,
    open: (port) => overTls(port, '+OK POP3 ready.\r\n'),
    async signIn(peer, { login, secret }) {
      const named = await ask(peer, `USER ${login}`);
      if (!named.startsWith('+OK')) return { moment: 'name', line: named };
      const answer = await ask(peer, `PASS ${secret}`);
      return answer.startsWith('+OK') ? proven(peer, 'STAT\r\nQUIT', '+OK Goodbye.') : { moment: 'secret', line: answer };
    },
  },
  submission: {
    port: ({ submissions }) => submissions,
    async open(port) {
      const peer = await overTls(port, 'ESMTP ready.\r\n');
      peer.send('EHLO client.example\r\n');
      await peer.sees('250 AUTH PLAIN LOGIN\r\n');
      return peer;
    },
    async signIn(peer, { login, secret }) {
      const answer = await ask(peer, `AUTH PLAIN ${encodePlain({ authcid: login, secret })}`);
      return answer.startsWith('235 ') ? proven(peer, 'NOOP', '250 ') : { moment: 'secret', line: answer };
    },
  },
  sieve: {
    port: ({ sieve }) => sieve,
    async open(port) {
      const clear = watched(connectTcp(port, '127.0.0.1'));
      await clear.sees('OK "ManageSieve ready."\r\n');
      clear.send('STARTTLS\r\n');
      await clear.sees('OK "Begin TLS."\r\n');
      clear.socket.removeAllListeners('data');
      const peer = createPeer(connectTls({ socket: clear.socket, rejectUnauthorized: false }));
      await peer.sees('OK "TLS is in use."\r\n');
      return peer;
    },
    async signIn(peer, { login, secret }) {
      peer.send(`AUTHENTICATE "PLAIN" "${encodePlain({ authcid: login, secret })}"\r\n`);
      let answer = await line(peer);
      // Capabilities may come before the OK.
      while (answer.startsWith('"')) answer = await line(peer);
      return answer.startsWith('OK') ? proven(peer, 'LISTSCRIPTS', 'OK') : { moment: 'secret', line: answer };
    },
  },
};

export const PROTOCOLS = Object.keys(DOORS) as MailProtocol[];

/** Connects again while the connection is lost before a secret was sent, as every client does, and signs in once. */
export async function knock(protocol: MailProtocol, ports: () => RunFile['ports'], who: Secret): Promise<Told> {
  const door = DOORS[protocol];
  const peer = await opened(door, ports);
  if (peer === undefined) return { said: 'no connection' };
  try {
    const refusal = await door.signIn(peer, who);
    return refusal === undefined ? 'in' : outcomeOf(protocol, refusal.moment, refusal.line);
  } catch (error) {
    return { said: `the connection was lost after the secret: ${String(error)}`, lost: true };
  } finally {
    peer.socket.destroy();
  }
}

async function opened(door: Door, ports: () => RunFile['ports']): Promise<Peer | undefined> {
  for (const until = performance.now() + CONNECT_MS; performance.now() < until; await sleep(100)) {
    try {
      return await door.open(door.port(ports())!);
    } catch {
      // Refused, or reset, or told to come later: nothing was said of a secret yet.
    }
  }
  return undefined;
}

function outcomeOf(protocol: MailProtocol, moment: Moment, said: string): Told {
  const is = (refusal: Parameters<typeof replyFor>[0]): boolean => replyFor(refusal, protocol, moment).line === said;
  if (moment === 'secret' && is({ verdict: 'rejected', reason: 'secret' })) return 'rejected';
  if (is({ verdict: 'unavailable', reason: 'overload' })) return 'unavailable';
  if (moment === 'secret' && is({ verdict: 'unavailable', reason: 'closed' })) return 'closed';
  return { said };
}
