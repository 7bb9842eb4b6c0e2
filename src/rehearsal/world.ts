/**
 * Lays a practice provider down on disk: the mail of `old`, the empty accounts of `new`, what Causeway is told of them,
 * and the plan of the switch.
 *
 * Invariants: nothing of an earlier world is left. Secrets lie in files that only their owner reads.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hash as argon2 } from '@node-rs/argon2';
import { stringify } from 'yaml';
import { encrypt as sha512Crypt } from 'unixcrypt';
import { addMaster, addUsers, type PlatformOptions, seedMailbox } from '#practice/index.ts';
import { datasetFiles, readMessage } from './dataset.ts';
import { doublesOf } from './judge.ts';
import { type Customer, makeProvider, type Provider, SENTINEL } from './provider.ts';

export type World = {
  readonly folder: string;
  readonly provider: Provider;
  /** The data set's files, by index. */
  readonly files: readonly string[];
  readonly platforms: Readonly<Record<'old' | 'new', PlatformOptions>>;
  readonly paths: {
    readonly provider: string;
    readonly doubles: string;
    readonly accounts: string;
    readonly journal: string;
    readonly plan: string;
    readonly config: string;
    readonly key: string;
    /** Where the platforms send what their users submit; written when it is known. */
    readonly nextHop: string;
  };
  /** What the trusted port of each platform takes. */
  readonly tokens: Readonly<Record<'old' | 'new', string>>;
};

const MASTER = 'causeway';
/** Two platforms never give one UIDVALIDITY: their bases are some years of seconds apart. */
const NEW_BASE = 200_000_000;
/** Bytes that an account may hold: all of the data set's 33 MB, and what comes while a demo runs. */
const QUOTA = 50_000_000;

/**
 * @param onProgress told how many of the customers' mailboxes are laid down
 * @param messages how many of the data set's to lay down; all, unless many accounts are to be small
 */
export async function makeWorld(folder: string, seed: number, size: number, onProgress: (done: number, of: number) => void, messages?: number): Promise<World> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const files = datasetFiles().slice(0, messages);
  const provider = makeProvider(seed, size, files.length);
  const at = (name: string): string => join(folder, name);
  const paths = {
    provider: at('provider.json'),
    doubles: at('doubles.json'),
    accounts: at('accounts.csv'),
    journal: at('journal.jsonl'),
    plan: at('plan.yaml'),
    config: at('causeway.yaml'),
    key: at('known-good.key'),
    nextHop: at('next-hop'),
  };
  const tokens = { old: secretFile(at('old-trusted.secret')), new: secretFile(at('new-trusted.secret')) };
  const platforms = {
    old: { name: 'old', folder: at('old'), separator: '/', uidValidityBase: 0, master: { user: MASTER }, trustedTokenFile: at('old-trusted.secret'), nextHopFile: paths.nextHop, quota: QUOTA },
    new: { name: 'new', folder: at('new'), separator: '.', uidValidityBase: NEW_BASE, master: { user: MASTER }, trustedTokenFile: at('new-trusted.secret'), nextHopFile: paths.nextHop, quota: QUOTA },
  } as const;
  layDownUsers(platforms, provider, folder);
  for (const [index, customer] of provider.customers.entries()) {
    layDownMail(platforms.old, customer, files);
    onProgress(index + 1, provider.customers.length);
    // Lets the terminal draw.
    await new Promise(setImmediate);
  }
  write(paths.provider, JSON.stringify(provider));
  write(paths.doubles, JSON.stringify(Object.fromEntries(provider.customers.map((each) => [each.address, doublesOf(each, files)]))));
  write(paths.accounts, await accountsCsv(provider));
  write(paths.plan, PLAN);
  writeFileSync(paths.key, randomBytes(32), { mode: 0o600 });
  return { folder, provider, files, platforms, paths, tokens };
}

function write(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600 });
}

function secretFile(path: string): string {
  const secret = randomBytes(24).toString('base64url');
  write(path, secret);
  return secret;
}

function layDownUsers(platforms: World['platforms'], provider: Provider, folder: string): void {
  const { old, new: target } = platforms;
  const users = provider.customers.map(({ address, secret }) => ({ user: address, secret }));
  addUsers(old.folder, [...users, { user: SENTINEL.address, secret: SENTINEL.secret }], { uidValidityBase: old.uidValidityBase! });
  // The new platform has the accounts and not their secrets: until the authority is handed over, the old one judges.
  addUsers(target.folder, [...users.map(({ user }) => ({ user })), { user: SENTINEL.address, secret: SENTINEL.secret }], { uidValidityBase: target.uidValidityBase! });
  write(join(folder, 'sentinel.secret'), SENTINEL.secret);
  for (const platform of [old, target]) addMaster(platform.folder, MASTER, secretFile(join(folder, `${platform.name}-master.secret`)));
}

function layDownMail(platform: PlatformOptions, customer: Customer, files: readonly string[]): void {
  for (const mailbox of customer.mailboxes) {
    const messages = mailbox.messages.map((message) => ({
      bytes: readMessage(files[message.file]!),
      flags: message.flags.filter((flag) => flag.startsWith('\\')),
      keywords: message.flags.filter((flag) => !flag.startsWith('\\')),
      internalDateMs: message.internalDate,
    }));
    seedMailbox(platform.folder, customer.address, mailbox.name, messages, {
      separator: platform.separator!,
      uidValidityBase: platform.uidValidityBase!,
      subscribe: true,
      ...(mailbox.specialUse === undefined ? {} : { specialUse: [mailbox.specialUse] }),
    });
  }
}

/** The least that crypt(3) allows: making a hundred of these must not keep a newcomer waiting. */
const SHA512_ROUNDS = 1_000;

/** What an operator has: a list of accounts with the hashes that the old platform could export. */
async function accountsCsv(provider: Provider): Promise<string> {
  const rows = await Promise.all(
    provider.customers.map(async ({ address, secret, scheme, authority }) => {
      const hash =
        scheme === 'ARGON2ID'
          ? `{ARGON2ID}${await argon2(secret, { memoryCost: 19_456, timeCost: 2, parallelism: 1 })}`
          : scheme === 'SHA512-CRYPT'
            ? `{SHA512-CRYPT}${sha512Crypt(secret, `$6$rounds=${SHA512_ROUNDS}$${randomBytes(9).toString('base64url').replace(/[-_]/g, '.')}`)}`
            : '';
      return `${address},old,"${hash}",${authority}`;
    }),
  );
  return `address,platform,hash,authority\n${rows.join('\n')}\n`;
}

const PLAN = `plan: practice
from: old
to: new
waves:
  - { name: canary, share: 1% }
  - { name: early, share: 9% }
  - { name: everybody, share: rest }
`;

/** The ports on which the two platforms answer. */
export type PlatformPorts = Readonly<Record<'imapPort' | 'trustedPort' | 'pop3Port' | 'pop3TrustedPort' | 'sievePort' | 'sieveTrustedPort' | 'submissionPort' | 'submissionTrustedPort' | 'lmtpPort', number>>;

/** The configuration that puts Causeway in front of both. */
export function writeConfig(world: World, data: string, ports: Readonly<Record<'old' | 'new', PlatformPorts>>, databaseUrl?: string): void {
  const platform = (name: 'old' | 'new'): unknown => ({
    imap: { host: '127.0.0.1', port: ports[name].imapPort, tls: 'plain', trustedNetwork: true },
    pop3: { host: '127.0.0.1', port: ports[name].pop3Port, tls: 'plain', trustedNetwork: true },
    sieve: { host: '127.0.0.1', port: ports[name].sievePort, tls: 'plain', trustedNetwork: true },
    submission: { host: '127.0.0.1', port: ports[name].submissionPort, tls: 'plain', trustedNetwork: true },
    lmtp: { host: '127.0.0.1', port: ports[name].lmtpPort },
    entrances: [
      { kind: 'trusted', port: ports[name].trustedPort, pop3Port: ports[name].pop3TrustedPort, sievePort: ports[name].sieveTrustedPort, submissionPort: ports[name].submissionTrustedPort, passwordFile: `${name}-trusted.secret` },
      { kind: 'master', user: MASTER, style: 'separator', passwordFile: `${name}-master.secret` },
      { kind: 'replay' },
    ],
    sentinel: { login: SENTINEL.address, passwordFile: 'sentinel.secret' },
  });
  const config = {
    instance: 'practice',
    data,
    ...(databaseUrl === undefined ? {} : { database: { url: databaseUrl } }),
    // Port 0: any free one, kept in run.json.
    listen: {
      ...Object.fromEntries(['imap', 'imaps', 'pop3', 'pop3s', 'submission', 'submissions', 'sieve', 'lmtp'].map((entry) => [entry, { host: '127.0.0.1', port: 0 }])),
      // Browsers take a page of this very machine for safe without TLS, and would warn of a certificate that nobody signed.
      webmail: { host: '127.0.0.1', port: 0, tls: false },
      office: { host: '127.0.0.1', port: 0, tls: false },
      status: { host: '127.0.0.1', port: 0, tls: false },
    },
    status: { provider: 'Practice Mail', export: join(data, 'status-site') },
    platforms: { old: platform('old'), new: platform('new') },
  };
  write(world.paths.config, stringify(config));
}

/** Mail that customers send to each other goes to where the recipient lives: back through Causeway's delivery. */
export function writeNextHop(world: World, lmtpPort: number): void {
  write(world.paths.nextHop, `127.0.0.1:${lmtpPort}\n`);
}
