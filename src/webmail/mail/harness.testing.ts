/** A practice platform with an account, and JMAP requests to it, for tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#events/clock.ts';
import { connect, type ImapConnection } from '#imap/connect.ts';
import { addUsers, createPlatform, seedMailbox, type SeedMessage } from '#practice/index.ts';
import { connect as connectSieve } from '#sieve/connect.ts';
import type { RunSieve } from '../filters/account-scripts.ts';
import { processRequest, type Response, serialise } from '../jmap/process.ts';
import type { Blob, MailAccess, Past, SmtpEnvelope } from '../mail-access.ts';
import { createMailContext } from './context.ts';
import { createMailMemory, type MailMemory } from './memory.ts';
import { mailEngine } from './methods.ts';

export const USER = 'jane@example.net';

export type Sent = { readonly envelope: SmtpEnvelope; readonly message: string };

export type Harness = {
  readonly access: MailAccess;
  readonly sent: Sent[];
  readonly faults: unknown[];
  /** What work on a connection threw: a pool gives that connection up. */
  readonly thrown: unknown[];
  /** The whole response to some calls; call ids are `0`, `1`… */
  ask(...calls: [string, Record<string, unknown>][]): Promise<Response>;
  /** One call's answer, which must be no error. */
  call<T = Record<string, never>>(name: string, args: Record<string, unknown>): Promise<T>;
  /** The type of the error that a call is answered with. */
  error(name: string, args: Record<string, unknown>): Promise<unknown>;
  upload(text: string | Buffer, type?: string): Promise<string>;
  /** An IMAP client of another program. */
  imap(): Promise<ImapConnection>;
  close(): Promise<void>;
};

export type Seed = Readonly<Record<string, readonly SeedMessage[]>>;

export async function startHarness(seed: Seed, special: Readonly<Record<string, string>> = {}): Promise<Harness> {
  const folder = mkdtempSync(join(tmpdir(), 'webmail-'));
  addUsers(folder, [{ user: USER, secret: 'right' }]);
  for (const [name, messages] of Object.entries(seed)) seedMailbox(folder, USER, name, messages, { specialUse: special[name] === undefined ? [] : [special[name]], subscribe: true });
  const platform = await createPlatform({ name: 'webmail', folder });
  const stop = async (): Promise<void> => {
    await platform.close();
    rmSync(folder, { recursive: true });
  };
  return harnessAt(platform.imapPort, 'right', stop, undefined, async (work) => {
    const connection = await connectSieve({ host: '127.0.0.1', port: platform.sievePort, tls: 'plain' }, { clock: systemClock, connectMs: 60_000, commandMs: 60_000 });
    try {
      await connection.login({ user: USER, password: 'right' });
      return await work(connection);
    } finally {
      connection.destroy();
    }
  });
}

/** The same over any server that lets USER in. */
export async function harnessAt(port: number, password: string, stop: () => Promise<void>, pastOf?: (memory: MailMemory) => Past, sieve?: RunSieve): Promise<Harness> {
  const open: ImapConnection[] = [];
  const imap = async (): Promise<ImapConnection> => {
    const connection = await connect({ host: '127.0.0.1', port, tls: 'plain' }, { clock: systemClock, connectMs: 60_000, commandMs: 60_000 });
    await connection.login({ user: USER, password });
    open.push(connection);
    return connection;
  };
  const connection = await imap();
  const sent: Sent[] = [];
  const faults: unknown[] = [];
  const thrown: unknown[] = [];
  const blobs = new Map<string, Blob>();
  const kept = new Map<string, unknown>();
  const memory = createMailMemory();
  const past = pastOf?.(memory);
  await past?.refresh();
  const access: MailAccess = {
    accountId: 'a1',
    address: USER,
    loginNames: [USER, 'jd@example.net'],
    clock: systemClock,
    memory,
    ...(past === undefined ? {} : { past }),
    blobs: {
      async put(type, bytes) {
        const id = `U${blobs.size + 1}`;
        blobs.set(id, { type, bytes });
        return id;
      },
      get: async (id) => blobs.get(id),
    },
    async imap(work) {
      try {
        return await work(connection);
      } catch (error) {
        thrown.push(error);
        throw error;
      }
    },
    imapPatiently: (work) => access.imap(work),
    submit: async (envelope, bytes) => void sent.push({ envelope, message: bytes.toString() }),
    ...(sieve === undefined ? {} : { sieve }),
    settings: { read: async (key) => kept.get(key), readAll: async (keys) => keys.map((key) => kept.get(key)), write: async (key, value) => void kept.set(key, value) },
  };
  const engine = mailEngine((error) => void faults.push(error));
  const harness: Harness = {
    access,
    sent,
    faults,
    thrown,
    async ask(...calls) {
      const body = { using: [...engine.capabilities], methodCalls: calls.map(([name, args], index) => [name, { accountId: 'a1', ...args }, String(index)]) };
      const context = createMailContext(access, engine.limits, (error) => void faults.push(error));
      const outcome = await processRequest(Buffer.from(JSON.stringify(body)), engine, context, 's');
      if ('problem' in outcome) throw new Error(outcome.problem.detail);
      return JSON.parse(serialise(outcome.response)) as Response;
    },
    async call<T>(name: string, args: Record<string, unknown>) {
      const { methodResponses } = await harness.ask([name, args]);
      const [answered, answer] = methodResponses[0] ?? [];
      if (answered !== name) throw new Error(`${name}: ${JSON.stringify(answer)} ${String(faults.at(-1))}`);
      return answer as T;
    },
    async error(name, args) {
      const { methodResponses } = await harness.ask([name, args]);
      return methodResponses[0]?.[0] === 'error' ? methodResponses[0][1]['type'] : methodResponses[0];
    },
    upload: (text, type = 'message/rfc822') => access.blobs.put(type, Buffer.from(text)),
    imap,
    async close() {
      for (const one of open) one.destroy();
      await stop();
    },
  };
  return harness;
}

/** A message of lines. */
export function message(fields: Readonly<Record<string, string>>, body = 'Hello\r\n'): Buffer {
  return Buffer.from(`${Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`);
}
