/** The protocols as a hostile client sees them: how to come in, and what the answers look like. */
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { createPeer, type Peer } from '../../src/gateway/peers.testing.ts';

export type Door = {
  /** Keys of the run file's ports. ManageSieve has none with TLS from the first byte. */
  readonly tls: 'imaps' | 'pop3s' | 'submissions' | undefined;
  readonly clear: 'imap' | 'pop3' | 'submission' | 'sieve';
  readonly greeting: string;
  /** Asks for TLS; what is sent behind it in clear must never be looked at. */
  readonly startTls: { readonly ask: string; readonly go: string };
  /** All of a sign-in, pipelined. */
  signIn(login: string, secret: string): string;
  /** SASL PLAIN with these bytes as its message. */
  plain(message: string): string;
  readonly accepted: RegExp;
  readonly rejected: RegExp;
  readonly unavailable: RegExp;
  /** Neither accepted nor a word about the password. */
  readonly malformed: RegExp;
  /** Where a mailbox is open to one session at a time: that of a moment ago has not ended yet. */
  readonly inUse?: RegExp;
};

const base64 = (text: string): string => Buffer.from(text).toString('base64');

export const DOORS: Readonly<Record<string, Door>> = {
  imap: {
    tls: 'imaps',
    clear: 'imap',
    greeting: 'IMAP ready.\r\n',
    startTls: { ask: 's STARTTLS\r\n', go: 's OK Begin TLS.\r\n' },
    signIn: (login, secret) => `a LOGIN "${login}" "${secret}"\r\n`,
    plain: (message) => `a AUTHENTICATE PLAIN ${base64(message)}\r\n`,
    accepted: /^a OK \[CAPABILITY/m,
    rejected: /^a NO \[AUTHENTICATIONFAILED\]/m,
    unavailable: /^a NO \[UNAVAILABLE\]/m,
    malformed: /^a BAD /m,
  },
  pop3: {
    tls: 'pop3s',
    clear: 'pop3',
    greeting: 'POP3 ready.\r\n',
    startTls: { ask: 'STLS\r\n', go: '+OK Begin TLS.\r\n' },
    signIn: (login, secret) => `USER ${login}\r\nPASS ${secret}\r\n`,
    plain: (message) => `AUTH PLAIN ${base64(message)}\r\n`,
    accepted: /^\+OK Signed in\./m,
    rejected: /^-ERR \[AUTH\]/m,
    unavailable: /^-ERR \[SYS\/TEMP\]/m,
    malformed: /^-ERR (?!\[)/m,
    inUse: /^-ERR \[IN-USE\]/m,
  },
  submission: {
    tls: 'submissions',
    clear: 'submission',
    greeting: 'ESMTP ready.\r\n',
    startTls: { ask: 'STARTTLS\r\n', go: '220 2.0.0 Begin TLS.\r\n' },
    signIn: (login, secret) => `EHLO me\r\nAUTH PLAIN ${base64(`\0${login}\0${secret}`)}\r\n`,
    plain: (message) => `AUTH PLAIN ${base64(message)}\r\n`,
    accepted: /^235 /m,
    rejected: /^535 /m,
    unavailable: /^454 4\.7\.0 /m,
    malformed: /^501 /m,
  },
  sieve: {
    tls: undefined,
    clear: 'sieve',
    greeting: 'OK "ManageSieve ready."\r\n',
    startTls: { ask: 'STARTTLS\r\n', go: 'OK "Begin TLS."\r\n' },
    signIn: (login, secret) => `AUTHENTICATE "PLAIN" "${base64(`\0${login}\0${secret}`)}"\r\n`,
    plain: (message) => `AUTHENTICATE "PLAIN" "${base64(message)}"\r\n`,
    accepted: /^OK "Signed in/m,
    rejected: /^NO "Authentication failed/m,
    unavailable: /^NO \(TRYLATER\)/m,
    malformed: /^NO "(?!Authentication failed)/m,
  },
};

export type Ports = Readonly<Partial<Record<NonNullable<Door['tls']> | Door['clear'], number>>>;

/** A connection over TLS, by the port that has it from the first byte or by asking for it. */
export async function openDoor(door: Door, ports: Ports, from?: string): Promise<Peer> {
  if (door.tls !== undefined) return overTls(ports[door.tls]!, from);
  const clear = inClear(ports[door.clear]!, from);
  await clear.sees(door.greeting);
  clear.send(door.startTls.ask);
  await clear.sees(door.startTls.go);
  return upgrade(clear);
}

/** @param from a loopback address of its own, so that limits per address see a client of its own */
export function overTls(port: number, from = '127.0.0.1'): Peer {
  const raw = connectTcp({ port, host: '127.0.0.1', localAddress: from });
  raw.on('error', () => {});
  return createPeer(connectTls({ socket: raw, rejectUnauthorized: false }));
}

export function inClear(port: number, from = '127.0.0.1'): Peer {
  return createPeer(connectTcp({ port, host: '127.0.0.1', localAddress: from }));
}

/** Goes on over TLS on a connection on which it was asked for. */
export function upgrade(peer: Peer): Peer {
  peer.socket.removeAllListeners('data');
  return createPeer(connectTls({ socket: peer.socket, rejectUnauthorized: false }));
}
