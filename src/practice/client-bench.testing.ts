/**
 * On what the tests of our small clients (POP3, submission, ManageSieve) stand: a practice platform with an account, a
 * master and trusted ports; scripted servers; and a certificate for those of them that begin TLS.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { systemClock as clock } from '#events/clock.ts';
import { type LoopbackCertificate, makeLoopbackCertificate } from '#net/loopback-certificate.testing.ts';
import { type ScriptedLines, serveScriptedLines } from '#net/scripted-lines.testing.ts';
import { addMaster, addUser, createPlatform, type Platform } from './index.ts';

/** His secret is ` pw `; the master is `boss`, with `master`; the trusted ports take `t0p`. */
export const JOE = 'joe@example.net';
export const LIMITS = { clock, connectMs: 20_000, commandMs: 20_000 };

export type ClientBench = {
  /** From the first test on. */
  readonly practice: Platform;
  /** Vouches for what `secured` makes. */
  readonly ca: string;
  /** What the practice platform has logged. */
  log(): Record<string, string>[];
  /** @param begin what the line that begins TLS does after its answer */
  scripted(greeting: string, answers: Readonly<Record<string, string>>, begin?: (socket: Socket) => void): Promise<ScriptedLines>;
  /** The server's side of a connection, within TLS from now on. */
  secured(socket: Socket): TLSSocket;
  /** After this test. */
  later(cleanUp: () => void): void;
};

/** For the top of a test file. @param begins the line that begins TLS */
export function useClientBench(begins: 'STLS' | 'STARTTLS', options: { readonly xclient?: boolean } = {}): ClientBench {
  const folder = mkdtempSync(join(tmpdir(), 'client-'));
  const cleanUps: (() => void)[] = [];
  let certificate: LoopbackCertificate;
  let practice: Platform;
  beforeAll(async () => {
    certificate = await makeLoopbackCertificate();
    writeFileSync(join(folder, 'token'), 't0p');
    addUser(join(folder, 'p'), JOE, ' pw ');
    addMaster(join(folder, 'p'), 'boss', 'master');
    practice = await createPlatform({ name: 'p', folder: join(folder, 'p'), master: { user: 'boss' }, trustedTokenFile: join(folder, 'token'), ...options });
  });
  afterEach(() => {
    for (const cleanUp of cleanUps.splice(0)) cleanUp();
  });
  afterAll(async () => {
    await practice.close();
    rmSync(folder, { recursive: true });
  });
  return {
    get practice() {
      return practice;
    },
    get ca() {
      return certificate.cert;
    },
    log: () => readFileSync(join(folder, 'p', 'access.log'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Record<string, string>),
    async scripted(greeting, answers, begin = () => {}) {
      const server = await serveScriptedLines(greeting, answers, { [begins]: begin });
      cleanUps.push(() => server.close());
      return server;
    },
    secured(socket) {
      socket.removeAllListeners('data');
      const inside = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(certificate) });
      inside.on('error', () => {});
      return inside;
    },
    later: (cleanUp) => void cleanUps.push(cleanUp),
  };
}
