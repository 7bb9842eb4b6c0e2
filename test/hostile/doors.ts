/** The protocols as a hostile client sees them: how to come in, and what the answers look like. */
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { createPeer, type Peer } from '../../src/gateway/peers.testing.ts';

export type Door = {
  /** Keys of the run file's ports. */
  readonly tls: 'imaps' | 'pop3s';
  readonly clear: 'imap' | 'pop3';
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
  },
};

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
