/**
 * The installation of the situations: one instance, and practice platforms in this process, each with something of its own.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hash as argon2 } from '@node-rs/argon2';
import { loadConfig } from '../../src/config/index.ts';
import { attach } from '../../src/context/attach.ts';
import { readRunFile, type RunFile } from '../../src/context/data-folder.ts';
import { factsOf, openSecrets } from '../../src/context/secrets.ts';
import type { Evidence } from '../../src/desk/screen/evidence.ts';
import { gather } from '../../src/desk/screen/gather.ts';
import { confirmationsOf, createAccounts, findAccount, type PlatformFacts } from '../../src/directory/index.ts';
import { systemClock } from '../../src/events/clock.ts';
import { silent } from '../../src/events/index.ts';
import { requestMove } from '../../src/mover/index.ts';
import { addUsers, createPlatform, type Platform, seedMailbox, type Vice } from '../../src/practice/index.ts';
import { isRetryable } from '../../src/errors/index.ts';
import { createHasher, type Secrets } from '../../src/signin/index.ts';
import type { Store } from '../../src/store/index.ts';
import { startVerifier, type Verifier } from '../faults/verifier.ts';
import { causeway, install, type Running, SENTINEL, serve, sleep, TOKEN } from '../installation.ts';

export const RIGHT = 'right  secret';

export type Mail = Readonly<Record<string, readonly string[]>>;
export type Row = { readonly login: string; readonly home: string; readonly ours: boolean; readonly noHash?: boolean; readonly mail: Mail };

export type House = {
  readonly ports: RunFile['ports'];
  readonly store: Store;
  readonly secrets: Secrets;
  readonly facts: PlatformFacts;
  readonly verifier: Verifier;
  /** Of the platform `mended`. */
  readonly mended: Verifier;
  readonly running: Running;
  readonly ids: ReadonlyMap<string, number>;
  /** What the desk knows of an account; a few look at a time, since fifty would be a storm of their own. */
  look(accountId: number): Promise<Evidence>;
  /** The platform that dies. */
  killDoomed(): Promise<void>;
  /** Waits until the instance has heard of a change. */
  heard(change: string): Promise<void>;
  move(accountId: number, source: string, target: string): Promise<number>;
};

/** The platforms, and their bad habits. `judge` and `mended` have an authentication of their own, `bare` neither POP3 nor a sentinel, `grumpy` takes no mail. */
const PLATFORMS: Readonly<Record<string, readonly Vice[]>> = { old: [], new: [], doomed: [], judge: [], mended: [], bare: [], grumpy: [], strict: ['scans', 'has-no-levels'], tiny: ['has-a-quota'] };
export const WITHIN_MS = 60_000;
const AT_ONCE = 2;

/** Fifty situations look at once: a store that has no connection free just now is asked again. */
export async function until<T>(what: string, look: () => Promise<T | undefined>, everyMs = 250): Promise<T> {
  for (const end = performance.now() + WITHIN_MS; ; await sleep(everyMs)) {
    const found = await look().catch((error: unknown) => {
      if (isRetryable(error)) return undefined;
      throw error;
    });
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`not within a minute: ${what}`);
  }
}

export async function openHouse(rows: readonly Row[], later: (() => Promise<unknown> | unknown)[]): Promise<House> {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-situations-'));
  later.push(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'token'), TOKEN);
  const users = [...rows.map(({ login }) => ({ user: login, secret: RIGHT })), SENTINEL];
  const platforms = new Map<string, Platform>();
  for (const [n, [name, vices]] of Object.entries(PLATFORMS).entries()) {
    const uidValidityBase = n * 50_000_000;
    const at = join(folder, name);
    addUsers(at, users, { uidValidityBase });
    for (const { login, home, mail } of rows) {
      if (home !== name) continue;
      for (const [mailbox, texts] of Object.entries(mail)) seedMailbox(at, login, mailbox, texts.map((text, i) => ({ bytes: Buffer.from(`Subject: ${i}\r\n\r\n${text}\r\n`), internalDateMs: 1e12 + i * 1_000 })), { uidValidityBase });
    }
    platforms.set(name, await createPlatform({ name, folder: at, uidValidityBase, trustedTokenFile: join(folder, 'token'), vices: new Set(vices) }));
  }
  later.push(() => Promise.all([...platforms.values()].map((platform) => platform.close())));
  const verifier = await startVerifier(new Map([...rows.map(({ login }) => [login, RIGHT] as const), [SENTINEL.user, SENTINEL.secret]]));
  later.push(() => verifier.close());
  const mended = await startVerifier(new Map([...rows.map(({ login }) => [login, RIGHT] as const), [SENTINEL.user, SENTINEL.secret]]));
  later.push(() => mended.close());
  const grumpy = await grumpyLmtp();
  later.push(() => grumpy.close());

  const service = (port: number): object => ({ host: '127.0.0.1', port, tls: 'plain', trustedNetwork: true });
  const otherwise: Readonly<Record<string, object>> = {
    judge: { verifier: { kind: 'http', url: verifier.url, trustedNetwork: true } },
    mended: { verifier: { kind: 'http', url: mended.url, trustedNetwork: true } },
    bare: { pop3: undefined, sentinel: undefined },
    grumpy: { lmtp: { host: '127.0.0.1', port: (grumpy.address() as AddressInfo).port } },
  };
  const configured = ([name, ports]: readonly [string, Platform]): [string, object] => [
    name,
    {
      imap: service(ports.imapPort),
      pop3: service(ports.pop3Port),
      submission: service(ports.submissionPort),
      lmtp: { host: '127.0.0.1', port: ports.lmtpPort },
      entrances: [{ kind: 'trusted', port: ports.trustedPort, ...(name === 'bare' ? {} : { pop3Port: ports.pop3TrustedPort }), submissionPort: ports.submissionTrustedPort, passwordFile: 'token' }],
      sentinel: { login: SENTINEL.user, passwordFile: 'sentinel' },
      ...otherwise[name],
    },
  ];
  const loopback = { host: '127.0.0.1', port: 0 };
  const at = install({}, {
    listen: { imap: loopback, imaps: loopback, pop3s: loopback, submissions: loopback, lmtp: loopback },
    platforms: Object.fromEntries([...platforms].map(configured)),
  });
  later.push(() => at.remove());
  const running = serve(at.config);
  later.push(() => running.stop());
  const hash = `{ARGON2ID}${await argon2(RIGHT, { memoryCost: 19_456, timeCost: 2, parallelism: 1 })}`;
  await running.event('serve.ready');
  const lines = rows.filter(({ noHash }) => noHash !== true).map(({ login, home, ours }) => `${login},${home},"${ours ? hash : ''}",${ours ? 'ours' : home}`);
  const imported = await causeway(['account', 'import', at.file('accounts.csv', `address,platform,hash,authority\n${lines.join('\n')}\n`), '-c', at.config]);
  if (imported.status !== 0) throw new Error(imported.stderr);
  const attached = await attach(at.config);
  later.push(() => attached.store.close());
  const store: Store = {
    ...attached.store,
    transaction: async (work) => (await until('a transaction', async () => ({ value: await attached.store.transaction(work) }))).value,
  };
  // An import refuses what nobody could sign in to; the provider's systems may make it, and set the password later.
  const bare = rows.filter(({ noHash }) => noHash === true).map(({ login, home }) => ({ address: login, home, authority: 'ours' }));
  await store.transaction((tx) => createAccounts(tx, bare, { actor: 'api:crm' }));
  const config = loadConfig(at.config);
  const hasher = createHasher({ clock: systemClock, emit: silent, workers: 1 });
  later.push(() => hasher.close());
  const ids = new Map<string, number>();
  const looking: Promise<unknown>[] = Array.from({ length: AT_ONCE }, async () => {});
  let turn = 0;
  for (const { login } of rows) ids.set(login, (await findAccount(store, login))!.account.id);
  return {
    ports: readRunFile(at.data)!.ports,
    store,
    secrets: openSecrets(config, store, hasher.makeInTurn),
    facts: factsOf(config),
    verifier,
    mended,
    running,
    ids,
    async look(accountId) {
      const place = (turn = (turn + 1) % AT_ONCE);
      const looked = looking[place]!.then(() => gather(store, accountId));
      looking[place] = looked.catch(() => {});
      return (await looked)!;
    },
    async killDoomed() {
      const doomed = platforms.get('doomed')!;
      platforms.delete('doomed');
      await doomed.close();
    },
    heard: async (change) => void (await until('a change is heard of', async () => ((await confirmationsOf(store, change)).confirmed.length > 0 ? true : undefined))),
    move: (accountId, source, target) => store.transaction((tx) => requestMove(tx, { accountId, source, target })),
  };
}

/** A next hop that takes nothing: what it says depends on the account. */
async function grumpyLmtp() {
  const ANSWERS: readonly (readonly [RegExp, string])[] = [[/full/, '452 4.2.2 Mailbox full'], [/sent-back/, '550 5.7.1 Message content rejected']];
  const server = createServer((socket) => {
    socket.on('error', () => {}).setEncoding('latin1').write('220 grumpy LMTP\r\n');
    socket.on('data', (chunk: string) => {
      for (const said of chunk.split('\r\n').filter(Boolean)) {
        const refusal = /^RCPT/i.test(said) ? (ANSWERS.find(([name]) => name.test(said))?.[1] ?? '451 4.3.0 Not now') : undefined;
        socket.write(`${refusal ?? '250 OK'}\r\n`);
      }
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return server;
}
