/** A platform in this process: IMAP, POP3, ManageSieve and submission on two ports each, LMTP on one, over one folder. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Socket } from 'node:net';
import { type Clock, systemClock } from '#events/clock.ts';
import { type Emit, silent } from '#events/index.ts';
import { messageOf } from '#errors/index.ts';
import { listen, type Listening } from '#net/listen.ts';
import { openAccessLog } from './access-log.ts';
import { serveAuth } from './auth/back-end.ts';
import { createAuthClient } from './auth/client.ts';
import { usersFileOf } from './auth/users.ts';
import { sessionFailed } from './events.ts';
import { serveImap } from './imap/server.ts';
import type { Vices } from './vice.ts';
import { serveLmtp } from './lmtp/server.ts';
import { createPop3 } from './pop3/server.ts';
import { serveSieve } from './sieve/server.ts';
import { serveSubmission } from './submission/server.ts';
import { openAccounts } from './maildir/accounts.ts';
import { openUidValidity } from './maildir/uidvalidity.ts';
import type { Separator } from './maildir/names.ts';
import type { Master, Services } from './services.ts';

export type PlatformOptions = {
  readonly name: string;
  readonly folder: string;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** 0, the default, takes any free port. */
  readonly imapPort?: number;
  readonly trustedPort?: number;
  readonly pop3Port?: number;
  readonly pop3TrustedPort?: number;
  readonly sievePort?: number;
  readonly sieveTrustedPort?: number;
  readonly submissionPort?: number;
  readonly submissionTrustedPort?: number;
  readonly lmtpPort?: number;
  /** The hierarchy separator that clients see. Default `/`. */
  readonly separator?: Separator;
  /** Added to the time in new UIDVALIDITY values: give two platforms bases some millions apart. Default 0. */
  readonly uidValidityBase?: number;
  /** Where the authentication back end listens. Absent: one runs within this process. */
  readonly authSocket?: string;
  /** A user who may sign in as `user*master` (separator `*` unless given otherwise). */
  readonly master?: { readonly user: string; readonly separator?: string };
  /** A file with the token that the trusted ports take for any user's secret; without it they refuse everybody. */
  readonly trustedTokenFile?: string;
  /** A file with `host:port` of the LMTP service to which all goes that is submitted; without it, only the platform's own users can be sent to. */
  readonly nextHopFile?: string;
  /** Whether the submission port takes XCLIENT, and signs in whom its LOGIN names, as Postfix does for its smtpd_authorized_xclient_hosts. */
  readonly xclient?: boolean;
  /** Bytes of the largest message. Default 256 MiB. */
  readonly messageCap?: number;
  /** Bytes that each account may hold. Default no limit, and no QUOTA (RFC 9208). */
  readonly quota?: number;
  /** Whether its IMAP service has CONDSTORE (RFC 7162) and ESEARCH (RFC 4731, RETURN (ALL) only). Default no. */
  readonly condstore?: boolean;
  /** Bad habits of its IMAP service, for a platform in this process; they may change while it runs. Default none. */
  readonly vices?: Vices;
};

export type PlatformParts = { readonly clock?: Clock; readonly emit?: Emit };

export type PlatformPorts = {
  readonly imapPort: number;
  readonly trustedPort: number;
  readonly pop3Port: number;
  readonly pop3TrustedPort: number;
  readonly sievePort: number;
  readonly sieveTrustedPort: number;
  readonly submissionPort: number;
  readonly submissionTrustedPort: number;
  readonly lmtpPort: number;
};

export type Platform = PlatformPorts & { close(): Promise<void> };

/** Each port. An account's phones and a mover's connections fit many times over; a leak does not. */
const MOST_SESSIONS = 2_000;

/** @throws CausewayError `config` when a port cannot be had */
export async function createPlatform(options: PlatformOptions, parts: PlatformParts = {}): Promise<Platform> {
  const { clock = systemClock, emit = silent } = parts;
  const { folder, host = '127.0.0.1' } = options;
  mkdirSync(folder, { recursive: true });
  const own = options.authSocket === undefined ? await ownBackEnd(folder) : undefined;
  const auth = createAuthClient(options.authSocket ?? own?.socket ?? '', clock);
  const log = openAccessLog(folder, clock.now);
  const master: Master | undefined = options.master && { separator: '*', ...options.master };
  const services: Services = {
    name: options.name,
    folder,
    separator: options.separator ?? '/',
    accounts: openAccounts(folder, openUidValidity(folder, options.uidValidityBase ?? 0, clock.now)),
    auth,
    clock,
    emit,
    log,
    master,
    trustedToken: options.trustedTokenFile === undefined ? undefined : readFileSync(options.trustedTokenFile, 'utf8').trim(),
    nextHop: () => readIfThere(options.nextHopFile),
    xclient: options.xclient ?? false,
    messageCap: options.messageCap ?? 256 * 1024 * 1024,
    quota: options.quota,
    vices: options.vices ?? new Set(),
    condstore: options.condstore ?? false,
  };
  const sockets = new Set<Socket>();
  const running = new Set<Promise<void>>();
  const open = (port: number | undefined, full: string, serve: (socket: Socket) => Promise<void>): Promise<Listening> =>
    listen({
      host,
      port: port ?? 0,
      maxConnections: MOST_SESSIONS,
      onOverflow: (socket) => socket.end(`${full}\r\n`),
      onSocket: (socket) => {
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
        const done: Promise<void> = serve(socket)
          .catch((error: unknown) => {
            emit(sessionFailed, { platform: options.name, session: '?', command: '?', reason: messageOf(error) });
            socket.destroy();
          })
          .finally(() => running.delete(done));
        running.add(done);
      },
    });
  const tooMany = '* BYE [UNAVAILABLE] Too many connections.';
  const noPop3 = '-ERR [SYS/TEMP] Too many connections.';
  const noSieve = 'BYE (TRYLATER) "Too many connections."';
  const noSmtp = '421 4.3.2 Too many connections';
  const servePop3 = createPop3(services);
  const listening: Listening[] = [];
  async function close(): Promise<void> {
    await Promise.all(listening.map((one) => one.close()));
    auth.close();
    for (const socket of sockets) socket.destroy();
    await Promise.all(running);
    await own?.close();
    log.close();
  }
  try {
    listening.push(await open(options.imapPort, tooMany, (socket) => serveImap(socket, 'imap', services)));
    listening.push(await open(options.trustedPort, tooMany, (socket) => serveImap(socket, 'trusted', services)));
    listening.push(await open(options.pop3Port, noPop3, (socket) => servePop3(socket, 'pop3')));
    listening.push(await open(options.pop3TrustedPort, noPop3, (socket) => servePop3(socket, 'pop3-trusted')));
    listening.push(await open(options.sievePort, noSieve, (socket) => serveSieve(socket, 'sieve', services)));
    listening.push(await open(options.sieveTrustedPort, noSieve, (socket) => serveSieve(socket, 'sieve-trusted', services)));
    listening.push(await open(options.submissionPort, noSmtp, (socket) => serveSubmission(socket, 'submission', services)));
    listening.push(await open(options.submissionTrustedPort, noSmtp, (socket) => serveSubmission(socket, 'submission-trusted', services)));
    listening.push(await open(options.lmtpPort, noSmtp, (socket) => serveLmtp(socket, services)));
  } catch (error) {
    await close();
    throw error;
  }
  const [imapPort = 0, trustedPort = 0, pop3Port = 0, pop3TrustedPort = 0, sievePort = 0, sieveTrustedPort = 0, ...smtp] = listening.map(({ port }) => port);
  const [submissionPort = 0, submissionTrustedPort = 0, lmtpPort = 0] = smtp;
  return { imapPort, trustedPort, pop3Port, pop3TrustedPort, sievePort, sieveTrustedPort, submissionPort, submissionTrustedPort, lmtpPort, close };
}

/** It may be written after the platform's start: read for each message. */
function readIfThere(file: string | undefined): string | undefined {
  try {
    return file === undefined ? undefined : readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}

async function ownBackEnd(folder: string): Promise<{ socket: string; close(): Promise<void> }> {
  // Not in the folder, whose path may be too long for a socket.
  const directory = mkdtempSync(join(tmpdir(), 'practice-'));
  const socket = join(directory, 'auth');
  const server = await serveAuth(usersFileOf(folder), socket);
  return {
    socket,
    close: async () => {
      await server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
