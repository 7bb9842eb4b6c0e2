/**
 * A provider in small: a practice platform, and `causeway serve` before it with a certificate of an authority of its own.
 *
 * Invariant: only what was started here is ended, by its handle.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { readRunFile, type RunFile } from '../../../src/context/data-folder.ts';
import { addUsers, seedMailbox, startPlatformProcess } from '../../../src/practice/index.ts';
import { causeway, install, SENTINEL, serve } from '../../installation.ts';
import { SUBJECT } from './client.ts';

export type Account = { readonly user: string; readonly secret: string };

export type Provider = {
  readonly folder: string;
  readonly ca: string;
  readonly ports: RunFile['ports'];
  /** The platform's authentication dies, and is there again. */
  readonly auth: { kill(): Promise<void>; restart(): Promise<void> };
  log(): string;
  stop(): Promise<void>;
};

const PLATFORM = 'old';

export async function startProvider(accounts: readonly Account[]): Promise<Provider> {
  const at = install({});
  const folder = join(at.folder, PLATFORM);
  addUsers(folder, [...accounts.map(({ user, secret }) => ({ user, secret })), SENTINEL]);
  for (const { user } of accounts) {
    const text = `From: Ada <ada@elsewhere.example>\r\nTo: <${user}>\r\nSubject: ${SUBJECT}\r\nDate: Wed, 25 Nov 2026 08:00:00 +0000\r\nMessage-ID: <1.${user}>\r\n\r\nGood morning.\r\n`;
    seedMailbox(folder, user, 'INBOX', [{ bytes: Buffer.from(text), internalDateMs: 1.7e12 }]);
  }
  const platform = await startPlatformProcess({ name: PLATFORM, folder, trustedTokenFile: join(at.folder, 'token') });
  const certificate = makeCertificate(at.folder);
  const service = (port: number): unknown => ({ host: '127.0.0.1', port, tls: 'plain', trustedNetwork: true });
  const config = at.file('causeway.yaml', stringify({
    instance: 'clients',
    data: at.data,
    listen: Object.fromEntries(['imap', 'imaps', 'pop3', 'pop3s', 'submission', 'submissions', 'sieve'].map((name) => [name, { host: '127.0.0.1', port: 0 }])),
    tls: { certificate: certificate.chain, key: certificate.key },
    // All these customers sit behind one address, and some of them mistype.
    locks: { sharedRanges: ['127.0.0.0/8'] },
    workers: { gateway: 1, mover: 1 },
    platforms: {
      [PLATFORM]: {
        imap: service(platform.imapPort),
        pop3: service(platform.pop3Port),
        submission: service(platform.submissionPort),
        sieve: service(platform.sievePort),
        lmtp: { host: '127.0.0.1', port: platform.lmtpPort },
        entrances: [{ kind: 'trusted', port: platform.trustedPort, pop3Port: platform.pop3TrustedPort, submissionPort: platform.submissionTrustedPort, sievePort: platform.sieveTrustedPort, passwordFile: 'token' }, { kind: 'replay' }],
        sentinel: { login: SENTINEL.user, passwordFile: 'sentinel' },
      },
    },
  }));
  const running = serve(config);
  async function stop(): Promise<void> {
    await running.stop();
    await platform.close();
  }
  try {
    await running.event('serve.ready');
    const list = at.file('accounts.csv', `address,platform,hash,authority\n${accounts.map(({ user }) => `${user},${PLATFORM},,${PLATFORM}\n`).join('')}`);
    const imported = await causeway(['account', 'import', list, '-c', config]);
    if (imported.status !== 0) throw new Error(`account import: ${imported.stderr}`);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    folder: at.folder,
    ca: certificate.ca,
    ports: readRunFile(at.data)!.ports,
    auth: platform.auth,
    log: () => running.events().map((event) => JSON.stringify(event)).join('\n'),
    stop,
  };
}

/** For `localhost`, as a provider has one: its authority is what the clients trust. */
function makeCertificate(folder: string): { ca: string; chain: string; key: string } {
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...fresh, '-days', '2', '-subj', '/CN=Authority of this test', '-addext', 'keyUsage=critical,keyCertSign', '-keyout', at('ca.key'), '-out', at('ca.crt'));
  openssl('req', ...fresh, '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', at('tls.key'), '-out', at('tls.csr'));
  openssl('x509', '-req', '-in', at('tls.csr'), '-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2', '-copy_extensions', 'copy', '-out', at('tls.crt'));
  return { ca: at('ca.crt'), chain: at('tls.crt'), key: at('tls.key') };
}
