/** The provider's customers: who they are, and what is kept of them. The same in every run. */
import { Client } from 'pg';
import { checkedCustomer, createAccounts, type NewAccount } from '#directory/index.ts';
import type { Store } from '#store/index.ts';
import { clientConfig, type Connection } from '#store/connection.ts';
import { encrypt } from 'unixcrypt';
import { random } from '../mover/corpus.ts';

const FIRST = 'Maria Anna Otto José Zoë Karl Ines Luca Nora Emil Greta Hugo Lena Paul Rosa Theo Vera Walter Yara Björn'.split(' ');
const LAST = 'Núñez Ulmer Schäfer Groß Keller Brandt Okafor Lindqvist Moreau Petrov Haas Weiß Santos Fischer Novak Ahmadi Berger Costa Dvořák Engel'.split(' ');
const DOMAIN = 'isp.example';

/** What a technician may be told on the phone. */
export type Person = { readonly address: string; readonly name: string; readonly number: string; readonly phone: string };

export function personOf(n: number): Person {
  const next = random(n + 1);
  const pick = (list: readonly string[]): string => list[Math.floor(next() * list.length)]!;
  const [first, last] = [pick(FIRST), pick(LAST)];
  const plain = `${first}.${last}`.normalize('NFKD').replaceAll(/\p{M}/gu, '').replaceAll('ß', 'ss').toLowerCase();
  return { address: `${plain}${n}@${DOMAIN}`, name: `${first} ${last}`, number: `K-${100_000 + n}`, phone: `+49171${5_000_000 + n}` };
}

/** Customers whose mail programs sign in while the technicians work. */
export const secretOf = (n: number): string => `secret-${n}-of-a-customer`;

/** @param signing so many have a secret that we know */
export async function importPeople(store: Store, count: number, signing: number): Promise<void> {
  const accounts = Array.from({ length: count }, (_, n): NewAccount => {
    const { address, name, number, phone } = personOf(n);
    return {
      address,
      home: n % 2 === 0 ? 'old' : 'new',
      authority: n < signing ? 'ours' : n % 2 === 0 ? 'old' : 'new',
      loginNames: [address, `user${n}`],
      recipients: n % 10 === 0 ? [address, `family${n}@${DOMAIN}`] : [address],
      customer: checkedCustomer({ name, number, phones: [phone] }),
      // A cheap hash: each is checked once.
      ...(n < signing ? { hash: { encoded: `{SHA512-CRYPT}${encrypt(secretOf(n), '$6$rounds=1000$benchbench')}`, origin: 'imported' as const } } : {}),
    };
  });
  await store.transaction((tx) => createAccounts(tx, accounts, { actor: 'bench' }));
}

/**
 * What is kept of their sign-ins: rows as sign-in writes them, of places, programs and outcomes over a month, an account's
 * never side by side in the table, since they were not written at once. With them a move and its receipt, mail, and what was changed.
 */
export async function fillHistory(connection: Connection, attempts: number): Promise<number> {
  const client = new Client({ ...clientConfig(connection), statement_timeout: 0, query_timeout: undefined, lock_timeout: 0 });
  await client.connect();
  const run = async (text: string, values: readonly unknown[] = []): Promise<void> => void (await client.query(text, [...values]));
  try {
    const { rows } = await client.query<{ n: number }>('select count(*)::int as n from account');
    const each = Math.ceil(attempts / rows[0]!.n);
    await run(`set maintenance_work_mem = '256MB'; set synchronous_commit = off`);
    await run('alter table sign_in_seen drop constraint sign_in_seen_pkey; drop index sign_in_seen_last');
    await run(
      `insert into sign_in_seen (account_id, protocol, network, device, outcome, means, reason, first_at, last_at, times)
       select a.id, (array['imap','imap','imap','submission','pop3','webmail'])[1 + k % 6],
         format('10.%s.%s.%s', k % 200, (a.id * 7 + k) % 250, a.id % 250), (array['iPhone Mail 22B83, iOS 18.1','Thunderbird 128.5.0','','','Outlook-iOS-Android 1.0','Mozilla/5.0 (Windows NT 10.0) Chrome/131.0 Safari/537.36'])[1 + (a.id + k) % 6],
         case when k % 9 = 0 then 'rejected' when k % 31 = 0 then 'waiting' else 'accepted' end, case when k % 9 = 0 or k % 31 = 0 then 'none' else 'password' end,
         case when k % 18 = 0 then 'former' when k % 9 = 0 then 'secret' when k % 31 = 0 then 'verifier-down' else '' end,
         now() - (k + 3) * interval '230 minutes', now() - k * interval '230 minutes' - (a.id % 200) * interval '1 minute', 1 + (a.id + k) % 40
       from generate_series(1, $1::int) k cross join account a`,
      [each],
    );
    await run('alter table sign_in_seen add primary key (account_id, protocol, network, device, outcome, means, reason)');
    await run('create index sign_in_seen_last on sign_in_seen (last_at)');
    await run(`insert into delivery_seen select a.id, (array['old','new'])[1 + k % 2], (array['delivered','deferred'])[1 + k % 2], case when k % 2 = 1 then format('451 4.%s.1 Try again later', k) else '' end, now() - interval '9 days', now() - k * interval '1 hour', 3 from account a cross join generate_series(1, 4) k on conflict do nothing`);
    await run(`with p as (insert into plan (name, source, target, state, gates) values ('bench', 'old', 'new', 'paused', '{}') returning id), w as (insert into wave (plan_id, number, name, state) select id, n, 'wave ' || n, case when n < 7 then 'done' else 'pending' end from p cross join generate_series(1, 14) n returning id, number) insert into wave_account select w.id, a.id from account a join w on w.number = 1 + a.id % 14`);
    await run(`insert into move (account_id, source, target, state, messages, copied_messages, bytes, copied_bytes, started_at, ended_at, hold_ms) select a.id, 'old', 'new', 'moved', 4000, 4000, 4e8, 4e8, now() - interval '1 day', now() - interval '23 hours', 900 from account a join route r on r.account_id = a.id where r.home = 'new'`);
    await run(`insert into receipt (account_id, move_id, body, signature, key_id) select m.account_id, m.id, $1, 's', 'k' from move m`, [RECEIPT]);
    await run(`insert into audit (actor, act, subject, why) select 'staff:ada', 'account.reset-link-made', 'account:' || a.id, 'case ' || k from account a cross join generate_series(1, 3) k`);
    await run('analyze');
    return each * rows[0]!.n;
  } finally {
    await client.end();
  }
}

const side = (mailbox: string): object => ({ mailbox, uidValidity: 1, uidNext: 401, count: 400, bytes: 4e7, digest: 'x'.repeat(64) });
const RECEIPT = JSON.stringify({
  version: 1, account: { id: 1, address: 'a@b.c' }, source: 'old', target: 'new', epoch: 1, time: '2026-11-20T08:00:00.000Z',
  mailboxes: Array.from({ length: 10 }, (_, n) => ({ source: side(`Folder ${n}`), target: side(`Folder ${n}`) })), readBack: 'all', unfenced: true, refused: [],
});
