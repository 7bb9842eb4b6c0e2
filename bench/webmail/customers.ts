/**
 * Many customers at once, by the API: each is signed in, and reads, opens and searches in turn, with the pauses of somebody
 * who reads fast. What each waits is measured where the request is made.
 *
 * Invariants: the load is closed: a customer waits for an answer before the next thought; none stops after a failure, and
 * each failure is counted. The portal and Dovecot share the cores with the customers' process.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent, request } from 'node:http';
import type { Closers } from '../closing.ts';
import { cpuSeconds, family } from '../fronts/processes.ts';
import { PASSWORD, startMailStore } from '../mover/dovecot.ts';
import { random } from '../mover/corpus.ts';
import { startCauseway } from './causeway.ts';
import { writeLargeMailbox } from './corpus.ts';

const MESSAGES = 500;
/** Between two acts of one customer. */
const PAUSE_MS = { least: 2_000, most: 6_000 };
/** The first look of each comes within this, and is not counted: Dovecot makes an index then, 500 times. */
const ARRIVE_MS = 40_000;

/** `cpuMs`: of each request counted, what the processes took while they were made. `peakMiB`: since the portal began. */
export type Result = { readonly customers: number; readonly refusedSessions: number; readonly requests: number; readonly failures: number; readonly p50: Record<string, number>; readonly p95: Record<string, number>; readonly cpuMs: Record<Part, number>; readonly rssMiB: number; readonly peakMiB: number };
/** `store`: Dovecot. `customers`: the process that asks. */
type Part = 'portal' | 'causeway' | 'store' | 'customers';

type Setting = { readonly folder: string; readonly customers: number; readonly seconds: number; readonly say: (text: string) => void; readonly closers: Closers; readonly profile?: string };

export async function measureCustomers({ folder, customers, seconds, say, closers, profile }: Setting): Promise<Result> {
  say(`writing ${customers} mailboxes of ${MESSAGES} messages`);
  const store = await startMailStore(join(folder, 'store'), '%n', undefined, undefined, customers * 4);
  closers.push(() => store.stop());
  const addresses = Array.from({ length: customers }, (_, n) => `customer${n}@isp.example`);
  const [first, ...others] = addresses.map((address) => join(store.maildir(address), '..')) as [string, ...string[]];
  writeLargeMailbox(join(first, 'Maildir'), MESSAGES);
  // The letters are the same files: Dovecot never writes into one, and what it knows of them is in its folders' names and indexes.
  for (const other of others) execFileSync('cp', ['-al', first, other]);
  const portal = await startCauseway(folder, store.port, addresses, profile);
  closers.push(() => portal.stop());
  const agent = new Agent({ keepAlive: true, maxSockets: customers });
  const ask = (path: string, cookie: string, body: unknown): Promise<{ status: number; text: string; cookie: string }> =>
    new Promise((resolve, reject) => {
      const sent = request(new URL(path, portal.url), { agent, method: 'POST', headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', cookie } }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        answer.on('end', () => resolve({ status: answer.statusCode!, text, cookie: answer.headers['set-cookie']?.[0]?.split(';')[0] ?? cookie }));
      });
      // The portal had just closed a connection that had been idle: browsers ask again by themselves.
      sent.on('error', (error: NodeJS.ErrnoException) => (sent.reusedSocket && error.code === 'ECONNRESET' ? resolve(ask(path, cookie, body)) : reject(error)));
      sent.end(JSON.stringify(body));
    });
  say('signing in');
  const cookies: string[] = [];
  for (const login of addresses) {
    const { status, cookie, text } = await ask('/api/sign-in', '', { login, secret: PASSWORD });
    if (status !== 200) throw new Error(`${login} is not let in: ${text}`);
    cookies.push(cookie);
  }
  const times: Record<string, number[]> = { list: [], open: [], search: [] };
  let refusedSessions = 0;
  let failures = 0;
  let requests = 0;
  const next = random(3);
  const pause = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));
  const until = performance.now() + ARRIVE_MS + seconds * 1_000;
  const counted = performance.now() + ARRIVE_MS;

  async function live(cookie: string, n: number): Promise<void> {
    await pause(next() * ARRIVE_MS);
    const accountId = await accountOf(cookie);
    const call = async (what: string, methodCalls: readonly unknown[]): Promise<[string, Record<string, unknown>][]> => {
      const began = performance.now();
      const { status, text } = await ask('/jmap', cookie, { using: ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail'], methodCalls });
      const answers = status === 200 ? (JSON.parse(text) as { methodResponses: [string, Record<string, unknown>][] }).methodResponses : [];
      if (began > counted) {
        requests += 1;
        times[what]!.push(performance.now() - began);
        if (status !== 200 || answers.some(([name]) => name === 'error')) failures += 1;
      }
      return answers;
    };
    const sort = [{ property: 'receivedAt', isAscending: false }];
    const rows = { accountId, '#ids': { resultOf: 'q', name: 'Email/query', path: '/ids' }, properties: ['id', 'threadId', 'mailboxIds', 'keywords', 'from', 'to', 'subject', 'receivedAt', 'preview', 'hasAttachment'] };
    for (let act = n; performance.now() < until; act += 1) {
      const listed = await call('list', [['Email/query', { accountId, sort, limit: 50, position: (act % 5) * 50, filter: null }, 'q'], ['Email/get', rows, 'g'], ['Mailbox/get', { accountId, ids: null }, 'm']]);
      const ids = (listed[0]?.[1]['ids'] ?? []) as string[];
      await pause(PAUSE_MS.least + next() * (PAUSE_MS.most - PAUSE_MS.least));
      await call('open', [['Email/get', { accountId, ids: ids.slice(act % 40, (act % 40) + 1), fetchAllBodyValues: true, properties: ['id', 'subject', 'from', 'to', 'bodyValues', 'textBody', 'htmlBody', 'attachments'] }, 'g'], ['Email/set', { accountId, update: Object.fromEntries(ids.slice(act % 40, (act % 40) + 1).map((id) => [id, { 'keywords/$seen': true }])) }, 's']]);
      await pause(PAUSE_MS.least + next() * (PAUSE_MS.most - PAUSE_MS.least));
      if (act % 3 === 0) await call('search', [['Email/query', { accountId, sort, limit: 50, filter: { text: 'number 4' } }, 'q'], ['Email/get', rows, 'g']]);
      await pause(PAUSE_MS.least + next() * (PAUSE_MS.most - PAUSE_MS.least));
    }
  }

  /** When all come at once a page may be told to try again, as it then does. */
  async function accountOf(cookie: string): Promise<string> {
    for (;;) {
      const answer = await fetch(new URL('/jmap/session', portal.url), { headers: { cookie } });
      if (answer.ok) return Object.keys(((await answer.json()) as { accounts: object }).accounts)[0]!;
      say(`a session is refused: ${answer.status} ${await answer.text()}`);
      refusedSessions += 1;
      await pause(1_000);
    }
  }

  const worker = portalOf(portal.pid);
  const cpu = (): Record<Part, number> => {
    const own = cpuSeconds([worker]);
    return { portal: own, causeway: cpuSeconds([portal.pid]) - own, store: cpuSeconds([store.process.pid!]), customers: process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6 };
  };
  say(`${customers} customers at once, for ${seconds} s`);
  const [before] = await Promise.all([pause(ARRIVE_MS).then(cpu), ...cookies.map((cookie, n) => live(cookie, n))]);
  const after = cpu();
  const cpuMs = Object.fromEntries(Object.entries(after).map(([part, spent]) => [part, ((spent - before[part as Part]) * 1_000) / requests])) as Record<Part, number>;
  const at = (share: number): Record<string, number> => Object.fromEntries(Object.entries(times).map(([what, each]) => [what, each.sort((a, b) => a - b)[Math.floor(each.length * share)] ?? Number.NaN]));
  return { customers, refusedSessions, requests, failures, p50: at(0.5), p95: at(0.95), cpuMs, rssMiB: memoryMiB(worker, 'VmRSS'), peakMiB: memoryMiB(worker, 'VmHWM') };
}

function portalOf(serve: number): number {
  for (const pid of family([serve])) if (readdirSync('/proc').includes(String(pid)) && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('webmail-worker')) return pid;
  throw new Error('the portal has no process');
}

/** Resident memory, now or at its highest. */
function memoryMiB(pid: number, what: 'VmRSS' | 'VmHWM'): number {
  return Number(new RegExp(`^${what}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) / 1_024;
}
