/**
 * The webmail beside Debian's Roundcube: one Dovecot, one account with a large mailbox, one Chromium. See bench/README.md.
 *
 * Invariants: both see the same mail over the same IMAP; they take turns, and neither is alone in having caches warm: each
 * was used once before it counts. Only processes that were started here are ended.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { createClosing } from '../closing.ts';
import { commandLine, JSON_LINE, number, file, QUICK } from '../command-line.ts';
import { startMailStore } from '../mover/dovecot.ts';
import { startCauseway } from './causeway.ts';
import { RARE_WORDS, writeLargeMailbox } from './corpus.ts';
import { measureCustomers } from './customers.ts';
import { CUSTOMER, type Times, usesCauseway, usesRoundcube, type What, WHATS } from './people.ts';
import { roundcubeMissing, startRoundcube } from './roundcube.ts';
import { picture, type Row, table } from './table.ts';

const options = commandLine('webmail', 'The portal beside Debian\'s Roundcube, before one account with 100,000 messages.', {
  messages: number('in the account (100000)'),
  rounds: number('that count, after one that does not', 5),
  customers: number('instead of the browser: so many customers at once, by the API'),
  seconds: number('how long the customers read', 30),
  picture: file('where a picture goes'),
  profile: file('a folder for CPU profiles of Causeway'),
  quick: QUICK,
  json: JSON_LINE,
});
const messages = options.messages ?? (options.quick ? 2_000 : 100_000);
const rounds = options.quick ? 1 : Math.min(options.rounds, RARE_WORDS.length - 1);

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const closing = createClosing();
const { closers } = closing;

try {
  if (options.customers === undefined) {
    const result = await inBrowsers();
    process.stdout.write(`${table(result.rows)}\nfirst load: ${result.jsGzipKB.toFixed(0)} kB of JavaScript, gzip\n`);
    if (options.picture !== undefined) writeFileSync(options.picture, picture(result.rows, messages));
    if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  } else {
    const folder = newFolder();
    const result = await measureCustomers({ folder, customers: options.customers, seconds: options.seconds, say, closers, ...(options.profile === undefined ? {} : { profile: options.profile }) });
    process.stdout.write(`${Object.entries(result.p95).map(([what, ms]) => `${what}: p50 ${result.p50[what]!.toFixed(0)} ms, p95 ${ms.toFixed(0)} ms`).join('\n')}\n${result.requests} requests, ${result.failures} failures; the portal took ${result.rssMiB.toFixed(0)} MiB, ${result.peakMiB.toFixed(0)} at most\nms of CPU a request: ${Object.entries(result.cpuMs).map(([part, ms]) => `${part} ${ms.toFixed(2)}`).join(', ')}\n`);
    if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  }
} catch (error) {
  if (!closing.interrupted) say(`bench:webmail: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  process.exitCode = 1;
} finally {
  await closing.close();
  process.exit();
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-webmail-'));
  // Dovecot's own user must be able to enter.
  chmodSync(folder, 0o755);
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function inBrowsers(): Promise<{ jsGzipKB: number; rows: Row[] }> {
  const missing = roundcubeMissing();
  if (missing !== undefined) say(`${missing}\nwithout it only Causeway is measured`);
  const folder = newFolder();
  say(`writing ${messages} messages`);
  const store = await startMailStore(join(folder, 'store'), '%n');
  closers.push(() => store.stop());
  writeLargeMailbox(store.maildir(CUSTOMER), messages);
  const ours = await startCauseway(folder, store.port, [CUSTOMER], options.profile);
  closers.push(() => ours.stop());
  const peer = missing === undefined ? await startRoundcube(join(folder, 'roundcube'), store.port) : undefined;
  if (peer !== undefined) closers.push(() => peer.stop());
  const browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
  closers.push(() => browser.close());

  /** What the page had fetched when its list could be read. */
  let firstLoadKB = 0;
  async function round(use: (page: Awaited<ReturnType<typeof browser.newPage>>, url: string, messages: number, round: number, listed: () => void) => Promise<Times>, url: string, n: number): Promise<Times> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en' });
    const scripts = new Set<string>();
    try {
      const page = await context.newPage();
      page.on('response', (response) => {
        const { pathname } = new URL(response.url());
        if (pathname.endsWith('.js')) scripts.add(pathname);
      });
      return await use(page, url, messages, n, () => (firstLoadKB = gzipKB(scripts)));
    } finally {
      await context.close();
    }
  }

  const ourTimes: Times[] = [];
  const peerTimes: Times[] = [];
  for (let n = 0; n <= rounds; n += 1) {
    const one = await round(usesCauseway, ours.url, n);
    const other = peer === undefined ? undefined : await round(usesRoundcube, peer.url, n);
    say(`${n === 0 ? 'warm-up' : `round ${n}`}: ${JSON.stringify({ causeway: one, roundcube: other })}`);
    if (n === 0) continue;
    ourTimes.push(one);
    if (other !== undefined) peerTimes.push(other);
  }
  const rows = WHATS.map((what): Row => ({ what, causewayMs: median(ourTimes, what), roundcubeMs: peerTimes.length === 0 ? null : median(peerTimes, what) }));
  return { jsGzipKB: firstLoadKB, rows };
}

function median(times: readonly Times[], what: What): number {
  const sorted = times.map((each) => each[what]).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** Of scripts in web/dist, as `gzip -9` has them. */
function gzipKB(scripts: ReadonlySet<string>): number {
  const dist = resolve(import.meta.dirname, '../../web/dist');
  return [...scripts].reduce((sum, path) => sum + gzipSync(readFileSync(join(dist, path)), { level: 9 }).length, 0) / 1_000;
}
