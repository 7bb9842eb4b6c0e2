/**
 * A portal with customers and a browser before it: the real program, practice platforms with real mail, Debian's
 * Chromium.
 *
 *   const portal = await openPortal();           // jane and john at the platform `old`
 *   const page = await portal.signedIn(JANE);    // her mailbox, open
 *   await portal.deliver(JANE.user, { from: …, subject: … });
 *   await portal.close();
 *
 * Invariant: whatever goes wrong, what was started here is ended by `close`.
 */
import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { readRunFile } from '../../src/context/data-folder.ts';
import { addUsers, type PlatformProcess, seedMailbox, startPlatformProcess } from '../../src/practice/index.ts';
import { causeway, type Ended, install, type Installation, type Running, SENTINEL, serve } from '../installation.ts';
import { INBOX, JANE, JOHN, type Letter, SENT, write } from './letters.ts';

export type Customer = { readonly user: string; readonly secret: string };
export type Look = { readonly size?: 'desktop' | 'phone'; readonly scheme?: 'light' | 'dark'; readonly language?: 'en' | 'es' };

export type Portal = {
  readonly url: string;
  readonly installation: Installation;
  readonly running: Running;
  readonly platforms: Readonly<Record<string, PlatformProcess>>;
  readonly browser: Browser;
  /** A page of a browser of its own (cookies, storage), at the portal's first page. */
  open(look?: Look): Promise<Page>;
  /** The same, with somebody signed in. */
  signedIn(customer: Customer, look?: Look): Promise<Page>;
  /** Another tab of the same browser. */
  tab(page: Page): Promise<Page>;
  /** A new letter comes in, by the portal's own delivery. */
  deliver(to: string, letter: Letter): Promise<void>;
  causeway(...args: readonly string[]): Promise<Ended>;
  close(): Promise<void>;
};

/** Of one act or wait in a page: half a minute, which it is without, was too little for Chromium on a slow machine beside others. */
export const PATIENCE_MS = 90_000;

export const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const;

/**
 * @param more `platforms`: their names, the first is where everybody lives; `listen`, `config`: put over the configuration;
 * `mail`: what lies in jane's mailboxes, instead of the household's letters; `neighbours`: further customers, with their
 * inboxes; `messageCap`: of all platforms but the first, bytes; `quota`: of each account, bytes
 */
export async function openPortal(more: { readonly platforms?: readonly string[]; readonly listen?: Readonly<Record<string, unknown>>; readonly config?: Readonly<Record<string, unknown>>; readonly mail?: Readonly<Record<string, readonly Letter[]>>; readonly neighbours?: readonly (Customer & { readonly letters: readonly Letter[] })[]; readonly messageCap?: number; readonly quota?: number } = {}): Promise<Portal> {
  const { platforms: names = ['old'], listen = {}, config = {}, mail = { INBOX, Sent: SENT, Drafts: [], Archive: [], Junk: [], Trash: [] }, neighbours = [], messageCap, quota } = more;
  const closers: (() => Promise<unknown> | unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const each of closers.splice(0).toReversed()) await each();
  };
  try {
    const world = install({});
    closers.push(() => world.remove());
    const platforms: Record<string, PlatformProcess> = {};
    for (const [n, name] of names.entries()) {
      const folder = join(world.folder, name);
      const uidValidityBase = n * 2e8;
      addUsers(folder, [JANE, JOHN, SENTINEL, ...neighbours], { uidValidityBase });
      if (n === 0) {
        const now = Date.now();
        for (const [mailbox, letters] of Object.entries(mail)) seedMailbox(folder, JANE.user, mailbox, letters.toSorted((a, b) => b.minutesAgo - a.minutesAgo).map((letter) => write(letter, now, JANE.user)), { uidValidityBase });
        for (const mailbox of ['Sent', 'Drafts', 'Trash']) seedMailbox(folder, JOHN.user, mailbox, [], { uidValidityBase });
        for (const { user, letters } of neighbours) seedMailbox(folder, user, 'INBOX', letters.map((letter) => write(letter, now, user)), { uidValidityBase });
      }
      const platform = await startPlatformProcess({ name, folder, uidValidityBase, trustedTokenFile: join(world.folder, 'token'), ...(n === 0 || messageCap === undefined ? {} : { messageCap }), ...(quota === undefined ? {} : { quota }) });
      closers.push(() => platform.close());
      platforms[name] = platform;
    }
    const loopback = { host: '127.0.0.1', port: 0 };
    const at = install({}, {
      listen: { imaps: loopback, lmtp: loopback, webmail: { ...loopback, tls: false }, ...listen },
      platforms: Object.fromEntries(
        Object.entries(platforms).map(([name, ports]) => [
          name,
          {
            imap: { host: '127.0.0.1', port: ports.imapPort, tls: 'plain', trustedNetwork: true },
            submission: { host: '127.0.0.1', port: ports.submissionPort, tls: 'plain', trustedNetwork: true },
            sieve: { host: '127.0.0.1', port: ports.sievePort, tls: 'plain', trustedNetwork: true },
            lmtp: { host: '127.0.0.1', port: ports.lmtpPort },
            entrances: [{ kind: 'trusted', port: ports.trustedPort, submissionPort: ports.submissionTrustedPort, sievePort: ports.sieveTrustedPort, passwordFile: 'token' }, { kind: 'replay' }],
            sentinel: { login: SENTINEL.user, passwordFile: 'sentinel' },
          },
        ]),
      ),
      ...config,
    });
    closers.push(() => at.remove());
    const running = serve(at.config);
    closers.push(() => running.stop());
    await running.event('serve.ready');
    const accounts = at.file('accounts.csv', `address,platform,customer_name,customer_number,phones\n${JANE.user},${names[0]},Jane Hale,C-204417,+44 1632 960012\n${JOHN.user},${names[0]},John Hale,C-204418,\n${neighbours.map(({ user }) => `${user},${names[0]},,,\n`).join('')}`);
    const imported = await causeway(['account', 'import', accounts, '-c', at.config]);
    expect(imported.status, imported.stderr).toBe(0);
    const { ports } = readRunFile(at.data)!;

    const browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
    closers.push(() => browser.close());
    const url = `http://localhost:${ports.webmail!}`;
    const open = async ({ size = 'desktop', scheme = 'light', language = 'en' }: Look = {}): Promise<Page> => {
      const context = await browser.newContext({ viewport: SIZES[size], colorScheme: scheme, locale: language, hasTouch: size === 'phone', isMobile: size === 'phone', deviceScaleFactor: 1, reducedMotion: 'reduce', acceptDownloads: true });
      context.setDefaultTimeout(PATIENCE_MS);
      const page = await context.newPage();
      await page.goto(url);
      return page;
    };
    return {
      url,
      installation: at,
      running,
      platforms,
      browser,
      open,
      async signedIn(customer, look) {
        const page = await open(look);
        await signIn(page, customer);
        return page;
      },
      async tab(page) {
        const other = await (page.context() satisfies BrowserContext).newPage();
        await other.goto(url);
        return other;
      },
      deliver: (to, letter) => deliver(ports.lmtp!, to, Buffer.from(write(letter, Date.now(), to).bytes!)),
      causeway: (...args) => causeway([...args, '-c', at.config]),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** By the form, as a person does. */
export async function signIn(page: Page, { user, secret }: Customer): Promise<void> {
  await page.locator('input[name=username]').fill(user);
  await page.locator('input[name=password]').fill(secret);
  await page.locator('button[type=submit]').click();
  await page.locator('#messages').waitFor();
}

/** One letter by LMTP. @throws when it is not taken */
function deliver(port: number, recipient: string, bytes: Buffer): Promise<void> {
  const says = ['LHLO mx.example', 'MAIL FROM:<world@elsewhere.example>', `RCPT TO:<${recipient}>`, 'DATA', `${bytes.toString('latin1').replaceAll(/^\./gm, '..')}\r\n.`];
  return new Promise((taken, failed) => {
    const socket = connect({ host: '127.0.0.1', port });
    let buffer = '';
    socket.setTimeout(20_000, () => socket.destroy(new Error('no answer')));
    socket.on('error', failed);
    socket.on('data', (chunk) => {
      buffer += chunk.toString('latin1');
      for (let reply; (reply = /^(?:\d{3}-[^\n]*\n)*(\d{3}) [^\n]*\n/.exec(buffer)) !== null; ) {
        buffer = buffer.slice(reply[0].length);
        if (Number(reply[1]) >= 400) return failed(new Error(reply[0]));
        const next = says.shift();
        if (next === undefined) return (socket.end(), taken());
        socket.write(`${next}\r\n`, 'latin1');
      }
    });
  });
}

/** What axe finds wrong by WCAG 2.2 AA, one line each. */
export async function faultsOf(page: Page): Promise<string[]> {
  // By the debugger, not as a script of the page, whose policy would refuse it.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(async () => (globalThis as unknown as { axe: { run(options: object): Promise<{ violations: { id: string; help: string; nodes: { html: string; failureSummary?: string }[] }[] }> } }).axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html.slice(0, 200)} ${failureSummary ?? ''}`));
}

/** Where `CAUSEWAY_SHOTS` says, or nowhere: a picture for people to look at. */
export async function shoot(page: Page, name: string): Promise<void> {
  const folder = process.env['CAUSEWAY_SHOTS'];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(resolve(folder), `${name}.png`) });
}
