/**
 * One run: `serve` as an operator starts it, two Dovecots a round trip away, accounts that are carried there and back
 * under the hands of their customers, and the judge's verdict on what they hold in the end.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { encrypt } from 'unixcrypt';
import { attach } from '#context/attach.ts';
import { readRunFile } from '#context/data-folder.ts';
import { liveAsCustomer } from '#rehearsal/customer.ts';
import { openJournal, readJournal } from '#rehearsal/journal.ts';
import { type Findings, judge } from '#rehearsal/judge.ts';
import { createRandom } from '#rehearsal/random.ts';
import { sql } from 'kysely';
import { causeway, install, serve } from '../../test/installation.ts';
import type { Closers } from '../closing.ts';
import { end, toldPort } from '../fronts/front.ts';
import { PASSWORD, startMailStore, type MailStore } from '../mover/dovecot.ts';
import { latestLife } from '../mover/judge.ts';
import { layDown, makeProvider, writeCorpus } from './accounts.ts';
import { knock, type Knock } from './knocker.ts';
import { type Account, shuttle, type Shuttle } from './shuttle.ts';

export type RunOptions = {
  readonly condstore: boolean;
  readonly holds: number;
  readonly accounts: number;
  readonly messages: number;
  readonly rttMs: number;
  readonly say: (text: string) => void;
  /** Takes what is to be ended, last first, whatever happens. */
  readonly closers: Closers;
  /** A folder for CPU profiles of Causeway's processes, which then are slower. */
  readonly profile: string | undefined;
};

export type Run = { readonly holds: Shuttle['holds']; readonly knocks: ReadonlyMap<string, readonly Knock[]>; readonly findings: Findings };

/** Dovecot 2.3's own list, but for what needs CONDSTORE or is one with it. */
const WITHOUT = 'IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE SORT SORT=DISPLAY THREAD=REFERENCES THREAD=REFS THREAD=ORDEREDSUBJECT MULTIAPPEND URL-PARTIAL CATENATE UNSELECT CHILDREN NAMESPACE UIDPLUS LIST-EXTENDED I18NLEVEL=1 ESEARCH ESORT SEARCHRES WITHIN CONTEXT=SEARCH LIST-STATUS BINARY MOVE PREVIEW STATUS=SIZE SAVEDATE LITERAL+';
/** A customer is at work all the time: it comes again after this. */
const PAUSE_MS = 200;

export async function run(options: RunOptions): Promise<Run> {
  const { condstore, rttMs, say, closers } = options;
  const folder = mkdtempSync('/dev/shm/causeway-holds-');
  closers.push(async () => rmSync(folder, { recursive: true, force: true }));
  // Dovecot's own user must be able to enter.
  chmodSync(folder, 0o755);
  const platform = async (name: 'source' | 'target'): Promise<MailStore & { readonly relay: number }> => {
    const store = await startMailStore(join(folder, name), '%u', undefined, `${condstore ? '+' : `${WITHOUT} `}X${name.toUpperCase()}`);
    closers.push(() => store.stop());
    const relay = fork(join(import.meta.dirname, '../mover/relay.ts'), [String(store.port), String(rttMs)]);
    closers.push(() => end(relay));
    return { ...store, relay: await toldPort(relay) };
  };
  const platforms = { source: await platform('source'), target: await platform('target') };

  say(`laying down ${options.accounts} accounts of ${options.messages} messages`);
  const corpus = writeCorpus(join(folder, 'corpus'), options.messages);
  const provider = makeProvider(options.accounts, corpus);
  let latest = 0;
  for (const { address } of provider.customers) {
    layDown(platforms.source.maildir(address), corpus);
    latest = Math.max(latest, await latestLife(platforms.source.port, address));
  }
  // Dovecot takes UIDVALIDITY from the clock: as in life, the source's are older than the target's.
  await sleep(Math.max(0, (latest + 1) * 1_000 - Date.now()));

  const place = install({}, {
    listen: { imaps: { host: '127.0.0.1', port: 0 } },
    platforms: Object.fromEntries(
      Object.entries(platforms).map(([name, { relay }], n) => [name, {
        imap: { host: '127.0.0.1', port: relay, tls: 'plain', trustedNetwork: true },
        // Nobody delivers here.
        lmtp: { host: '127.0.0.1', port: 1 + n },
        entrances: [{ kind: 'trusted', passwordFile: 'dovecot' }],
      }]),
    ),
  });
  closers.push(async () => place.remove());
  place.file('dovecot', PASSWORD);
  const users = place.file('accounts.csv', ['address,platform,hash,authority', ...provider.customers.map(({ address, secret }) => `${address},source,{SHA512-CRYPT}${encrypt(secret, '$6$rounds=1000$benchbench')},ours`), ''].join('\n'));
  const profiled = options.profile === undefined ? [] : ['env', `NODE_OPTIONS=--cpu-prof --cpu-prof-dir=${options.profile}`];
  const running = serve(place.config, (command) => [...profiled, ...command]);
  closers.push(() => running.stop());
  await running.event('serve.ready');
  const port = readRunFile(place.data)!.ports.imaps!;
  const imported = await causeway(['account', 'import', users, '-c', place.config]);
  if (imported.status !== 0) throw new Error(`the accounts were not imported: ${imported.stderr}`);
  const { store } = await attach(place.config);
  closers.push(() => store.close());
  const { rows } = await sql<{ id: number; address: string }>`select id, address from account order by id`.execute(store.db());
  const accounts = rows.map((row): Account => ({ ...row, home: 'source', carried: false }));

  const stopping = new AbortController();
  const path = join(folder, 'journal');
  const journal = openJournal(path);
  const random = createRandom(1);
  const knocks = new Map<string, Knock[]>(accounts.map(({ address }) => [address, []]));
  const customers = Promise.all(
    provider.customers.flatMap((customer) => [
      liveAsCustomer(customer, { port, journal, random: random.fork(customer.address), doubles: new Set(), pauseMs: PAUSE_MS, stopping: stopping.signal, sleep, onVerdict: () => {} }),
      knock(port, customer.address, customer.secret, knocks.get(customer.address)!, () => accounts.find(({ address }) => address === customer.address)!.carried, stopping.signal),
    ]),
  );
  customers.catch(() => {});
  const began = performance.now();
  const { holds, done } = shuttle(running.child, store, accounts, options.holds, (flipped) => {
    if (flipped % 10 === 0) say(`${flipped} of ${options.holds} holds after ${((performance.now() - began) / 1_000).toFixed(0)} s`);
  });
  try {
    await Promise.race([done, running.ended.then(({ stderr }) => Promise.reject(new Error(`serve ended:\n${stderr.slice(-2_000)}`))), customers.then(() => Promise.reject(new Error('the customers went')))]);
  } finally {
    stopping.abort();
    await customers;
    await journal.close();
  }
  say('judging');
  const findings = await judge({
    provider,
    files: corpus.files,
    journal: readJournal(path),
    faults: [],
    platforms: (['source', 'target'] as const).map((name) => ({ name, port: platforms[name].port, token: PASSWORD, folder: join(folder, name, 'mail') })),
    homes: new Map(accounts.map(({ address, home }) => [address, home])),
  });
  return { holds, knocks, findings };
}
