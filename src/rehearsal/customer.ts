/**
 * One simulated customer: signs in, looks, reads, flags, files, deletes, drafts, idles, signs out, and again.
 *
 * Invariants: one act at a time for an account, so that the order of its journal is the order of what happened. A
 * message that is there twice is never touched: which of the two an act met could not be told.
 */
import { createHash } from 'node:crypto';
import type { Journal, Outcome, SignInAct, SignInVerdict } from './journal.ts';
import { type Answer, type MailClient, openClient } from './mail-client.ts';
import { messageKey } from './message-key.ts';
import { decodeMailbox } from './mailbox-name.ts';
import type { Customer } from './provider.ts';
import type { Random } from './random.ts';

export type CustomerParts = {
  readonly port: number;
  readonly journal: Journal;
  readonly random: Random;
  /** Keys that are in the account more than once. */
  readonly doubles: ReadonlySet<string>;
  /** Mean pause between two visits, ms. */
  readonly pauseMs: number;
  readonly stopping: AbortSignal;
  sleep(ms: number): Promise<void>;
  onVerdict(verdict: SignInVerdict): void;
};

/** What is learnt from a first success is written within milliseconds; on a machine that is far behind, within this. */
const KNOWN_AFTER_MS = 1_000;
/** Above the 10 s that a sign-in may wait for a hold, below the shortest time-out of a real client (20 s, FairEmail). */
const CLIENT_TIMEOUT_MS = 18_000;

export async function liveAsCustomer(customer: Customer, parts: CustomerParts): Promise<void> {
  const { random, stopping } = parts;
  let knownFrom = customer.scheme === 'none' ? Number.POSITIVE_INFINITY : 0;
  const visit = async (secret: SignInAct['secret']): Promise<void> => {
    const verdict = await visitOnce(customer, secret, Date.now() >= knownFrom, parts);
    if (secret === 'right' && verdict === 'accepted') knownFrom = Math.min(knownFrom, Date.now() + KNOWN_AFTER_MS);
  };
  const hasOldDevice = random.chance(0.15);
  await parts.sleep(random.next() * parts.pauseMs);
  while (!stopping.aborted) {
    if (hasOldDevice && random.chance(0.3)) await visit('old');
    else if (random.chance(0.06)) await visit('wrong');
    if (stopping.aborted) return;
    await visit('right');
    await parts.sleep(parts.pauseMs * (0.5 + random.next()));
  }
}

async function visitOnce(customer: Customer, secret: SignInAct['secret'], known: boolean, parts: CustomerParts): Promise<SignInVerdict> {
  const { random, journal } = parts;
  const at = Date.now();
  const act: SignInAct = { act: 'sign-in', account: customer.address, secret, known, authority: customer.authority };
  const { client, refusal } = await openClient({ host: '127.0.0.1', port: parts.port, secure: true, timeoutMs: CLIENT_TIMEOUT_MS });
  let verdict: SignInVerdict = refusal === undefined ? 'lost' : 'unavailable';
  if (client !== undefined) {
    const word = { right: customer.secret, old: customer.oldSecret, wrong: `guess-${random.below(1_000_000)}` }[secret];
    verdict = verdictOf(await signIn(client, customer.address, word, random));
  }
  journal.signedIn(act, at, verdict);
  parts.onVerdict(verdict);
  if (client === undefined) return verdict;
  if (verdict === 'accepted' && secret === 'right') journal.completed(await work(customer, client, parts));
  if (client.open) await client.command('LOGOUT');
  client.close();
  return verdict;
}

function signIn(client: MailClient, address: string, secret: string, random: Random): Promise<Answer> {
  if (random.chance(0.5)) return client.command(`LOGIN "${address}" "${secret}"`);
  return client.command(`AUTHENTICATE PLAIN ${Buffer.from(`\0${address}\0${secret}`).toString('base64')}`);
}

/** As the clients that read codes do; a plain NO is a wrong password to four of the five (client-replies of IMAP). */
function verdictOf(answer: Answer): SignInVerdict {
  if (answer.status === 'OK') return 'accepted';
  if (answer.status === 'lost') return answer.untagged.some((each) => each.line.startsWith('* BYE')) ? 'unavailable' : 'lost';
  return answer.text.startsWith('[UNAVAILABLE]') ? 'unavailable' : 'rejected';
}

type Visit = {
  readonly customer: Customer;
  readonly client: MailClient;
  readonly parts: CustomerParts;
  /** Canonical name → name on the wire. */
  readonly mailboxes: ReadonlyMap<string, string>;
  readonly count: (answer: Answer) => Answer;
};

/** @returns how many commands got their answer */
async function work(customer: Customer, client: MailClient, parts: CustomerParts): Promise<number> {
  const { random } = parts;
  let completed = 1;
  const count = (answer: Answer): Answer => {
    if (answer.status !== 'lost') completed += 1;
    return answer;
  };
  const mailboxes = new Map<string, string>();
  for (const { line } of count(await client.command('LIST "" "*"')).untagged) {
    const [, flags, separator, raw] = /^\* LIST \(([^)]*)\) "(.)" (.+)$/.exec(line) ?? [];
    if (raw === undefined || /\\Noselect|\\NonExistent/i.test(flags!)) continue;
    const wire = raw.startsWith('"') ? raw.slice(1, -1).replace(/\\(.)/g, '$1') : raw;
    mailboxes.set(decodeMailbox(wire, separator!), wire);
  }
  const visit: Visit = { customer, client, parts, mailboxes, count };
  const rounds = 1 + random.below(3);
  for (let i = 0; i < rounds && client.open && mailboxes.size > 0 && !parts.stopping.aborted; i += 1) await lookInto(visit);
  return completed;
}

async function lookInto(visit: Visit): Promise<void> {
  const { client, parts, count, mailboxes } = visit;
  const { random } = parts;
  const mailbox = random.chance(0.5) && mailboxes.has('INBOX') ? 'INBOX' : random.pick([...mailboxes.keys()]);
  if (count(await client.command(`SELECT ${quote(mailboxes.get(mailbox)!)}`)).status !== 'OK') return;
  const search = count(await client.command('UID SEARCH ALL'));
  const uids = search.untagged.flatMap(({ line }) => (line.startsWith('* SEARCH') ? (line.match(/\d+/g) ?? []) : []));
  const acts = 1 + random.below(4);
  for (let i = 0; i < acts && client.open && !parts.stopping.aborted; i += 1) {
    const kind = random.next();
    if (kind < 0.15) await draft(visit);
    else if (kind < 0.25) count(await client.idle(300 + random.below(3_000)));
    else if (uids.length > 0) await touch(visit, mailbox, uids);
    else count(await client.command('NOOP'));
  }
}

async function touch(visit: Visit, mailbox: string, uids: string[]): Promise<void> {
  const { client, parts, count, customer, mailboxes } = visit;
  const { random, journal } = parts;
  const uid = random.pick(uids);
  const fetched = count(await client.command(`UID FETCH ${uid} (FLAGS BODY.PEEK[])`));
  const body = fetched.untagged.find(({ literals }) => literals.length > 0)?.literals[0];
  if (body === undefined) return;
  const { key } = messageKey(body);
  if (parts.doubles.has(key)) return;
  const base = { account: customer.address, mailbox, key };
  const tell = async (line: string): Promise<Outcome> => outcomeOf(count(await client.command(line)));
  const kind = random.next();
  if (kind < 0.3) {
    await journal.perform({ act: 'flag', ...base, add: ['\\Seen'], remove: [] }, () => tell(`UID FETCH ${uid} BODY[]`));
  } else if (kind < 0.65) {
    const flag = random.pick(['\\Flagged', '\\Answered', '\\Seen', '$Label1', 'NonJunk']);
    const adding = random.chance(0.6);
    const change = { add: adding ? [flag] : [], remove: adding ? [] : [flag] };
    await journal.perform({ act: 'flag', ...base, ...change }, () => tell(`UID STORE ${uid} ${adding ? '+' : '-'}FLAGS (${flag})`));
  } else if (kind < 0.85 && mailboxes.size > 1) {
    const to = random.pick([...mailboxes.keys()].filter((name) => name !== mailbox));
    const outcome = await journal.perform({ act: 'move', ...base, to }, () => tell(`UID MOVE ${uid} ${quote(mailboxes.get(to)!)}`));
    if (outcome !== 'refused') uids.splice(uids.indexOf(uid), 1);
  } else if (kind < 0.95) {
    const marked = await journal.perform({ act: 'flag', ...base, add: ['\\Deleted'], remove: [] }, () => tell(`UID STORE ${uid} +FLAGS (\\Deleted)`));
    if (marked !== 'done') return;
    const outcome = await journal.perform({ act: 'expunge', ...base }, () => tell(`UID EXPUNGE ${uid}`));
    if (outcome !== 'refused') uids.splice(uids.indexOf(uid), 1);
  }
}

async function draft({ client, parts, count, customer, mailboxes }: Visit): Promise<void> {
  const wire = mailboxes.get('Drafts');
  if (wire === undefined) return;
  const { random, journal } = parts;
  const id = `${customer.address}-${Date.now().toString(36)}-${random.below(1e9).toString(36)}`;
  const text = 'All work and no play.\r\n'.repeat(1 + random.below(60));
  const message = Buffer.from(`X-Rehearsal-Id: ${id}\r\nFrom: <${customer.address}>\r\nSubject: a draft\r\n\r\n${text}`);
  const internalDate = Math.floor(Date.now() / 1_000) * 1_000 - random.below(1_000_000) * 1_000;
  const sha = createHash('sha256').update(message).digest('hex');
  const act = { act: 'append', account: customer.address, mailbox: 'Drafts', key: `id:${id}`, sha, flags: ['\\Draft'], internalDate } as const;
  await journal.perform(act, async () =>
    outcomeOf(count(await client.command(`APPEND ${quote(wire)} (\\Draft) "${imapDate(internalDate)}"`, message))),
  );
}

function outcomeOf(answer: Answer): Outcome {
  return answer.status === 'OK' ? 'done' : answer.status === 'lost' ? 'unknown' : 'refused';
}

const quote = (name: string): string => `"${name.replace(/[\\"]/g, '\\$&')}"`;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function imapDate(epochMs: number): string {
  const date = new Date(epochMs);
  const two = (n: number): string => String(n).padStart(2, '0');
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':');
  return `${two(date.getUTCDate())}-${MONTHS[date.getUTCMonth()]}-${date.getUTCFullYear()} ${time} +0000`;
}
