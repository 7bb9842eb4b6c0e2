/**
 * The verdict on a rehearsal, by eyes that share no code with what is judged.
 *
 * Invariants: every expected message is looked for and every found one must be expected. Sign-ins are judged by what the
 * customer was told, never by what we think we said.
 */
import { createHash } from 'node:crypto';
import { readMessage } from './dataset.ts';
import { actsOf, apply, flagsOf, hold, type Possible, seeded, type State, type Tally } from './expectation.ts';
import type { JournalLine } from './journal.ts';
import type { Customer, Provider } from './provider.ts';
import { type AccountSeen, type PlatformEyes, readAccount, readMaildir } from './read-platform.ts';

/** A time in which something could not be judged or served, and what: epoch ms. */
export type Fault = { readonly what: 'old authentication' | 'causeway' | 'store'; readonly from: number; readonly to: number };

export type Findings = {
  readonly messages: number;
  readonly bytes: number;
  readonly missing: number;
  readonly altered: number;
  readonly doubled: number;
  /** Acts without an answer. */
  readonly undecided: number;
  readonly falseRejections: number;
  readonly falseAcceptances: number;
  readonly wronglyUnavailable: number;
  readonly connectionsLost: number;
  readonly wrongSecrets: { readonly presented: number; readonly rejected: number };
  readonly commandsCompleted: number;
  readonly signIns: { readonly accepted: number; readonly rejected: number; readonly locked: number; readonly unavailable: number };
  /** The first few of what is wrong, in words. */
  readonly examples: readonly string[];
};

export type Evidence = {
  readonly provider: Provider;
  readonly files: readonly string[];
  readonly journal: readonly JournalLine[];
  readonly faults: readonly Fault[];
  readonly platforms: readonly PlatformEyes[];
  /** The platform where each account lives now. */
  readonly homes: ReadonlyMap<string, string>;
  readonly onProgress?: (done: number, of: number) => void;
};

/** Accounts read at once: enough to hide the round trips of one. */
const READERS = 4;

export async function judge(evidence: Evidence): Promise<Findings> {
  const { provider, platforms, homes } = evidence;
  const acts = actsOf(evidence.journal);
  const byAccount = Map.groupBy(acts, ({ act }) => act.account);
  const tally: Tally = { missing: 0, altered: 0, doubled: 0, examples: [] };
  let messages = 0;
  let bytes = 0;
  let done = 0;
  const queue = [...provider.customers];
  const reader = async (): Promise<void> => {
    for (let customer = queue.shift(); customer !== undefined; customer = queue.shift()) {
      const home = platforms.find((platform) => platform.name === homes.get(customer!.address))!;
      const { expected, copies } = expectedOf(customer, evidence.files);
      for (const { act, outcome } of byAccount.get(customer.address) ?? []) apply(expected, act, outcome);
      const seen = await readAccount(home, customer.address);
      compare(customer, expected, copies, seen, tally);
      compareDisk(customer, home, seen, tally);
      for (const other of platforms) if (other !== home) await compareOther(customer, other, expected, seen, tally);
      messages += seen.digests.length;
      bytes += seen.bytes;
      done += 1;
      evidence.onProgress?.(done, provider.customers.length);
    }
  };
  await Promise.all(Array.from({ length: READERS }, reader));
  return {
    messages,
    bytes,
    missing: tally.missing,
    altered: tally.altered,
    doubled: tally.doubled,
    undecided: acts.filter(({ outcome }) => outcome === 'unknown').length,
    ...judgeSignIns(evidence.journal, evidence.faults, tally),
    examples: tally.examples,
  };
}

/** Which messages of the data set are in an account more than once: customers must not touch those. */
export function doublesOf(customer: Customer, files: readonly string[]): string[] {
  return [...expectedOf(customer, files).copies].filter(([, states]) => states.length > 1).map(([key]) => key);
}

function expectedOf(customer: Customer, files: readonly string[]): { expected: Map<string, Possible>; copies: Map<string, State[]> } {
  const expected = new Map<string, Possible>();
  const copies = new Map<string, State[]>();
  for (const mailbox of customer.mailboxes) {
    for (const message of mailbox.messages) {
      const sha = createHash('sha256').update(readMessage(files[message.file]!)).digest('hex');
      const state: State = { mailbox: mailbox.name, flags: flagsOf(message.flags), internalDate: message.internalDate };
      expected.set(sha, seeded(sha, state));
      copies.set(sha, [...(copies.get(sha) ?? []), state]);
    }
  }
  return { expected, copies };
}

function compare(customer: Customer, expected: Map<string, Possible>, copies: Map<string, State[]>, seen: AccountSeen, tally: Tally): void {
  const { address } = customer;
  for (const [key, possible] of expected) {
    const own = copies.get(key);
    hold(`${address} ${key}`, possible, own !== undefined && own.length > 1 ? own : undefined, seen.messages.get(key) ?? [], tally);
  }
  for (const [key, found] of seen.messages) {
    if (expected.has(key)) continue;
    tally.altered += found.length;
    tally.examples.push(`altered: ${address} ${key}: in ${found[0]!.mailbox}, and nobody put it there`);
  }
  for (const { name, specialUse } of customer.mailboxes) {
    if (!seen.mailboxes.has(name)) {
      tally.missing += 1;
      tally.examples.push(`missing: ${address}: the mailbox ${name}`);
    } else if (specialUse !== undefined && seen.specialUse.get(name) !== specialUse) {
      tally.altered += 1;
      tally.examples.push(`altered: ${address}: ${name} is not ${specialUse} any more`);
    }
  }
}

function compareDisk(customer: Customer, home: PlatformEyes, seen: AccountSeen, tally: Tally): void {
  const disk = readMaildir(home, customer.address);
  if (disk.length === seen.digests.length && disk.every((digest, i) => digest === seen.digests[i])) return;
  tally.altered += 1;
  tally.examples.push(`altered: ${customer.address}: ${disk.length} files on the disk of ${home.name}, ${seen.digests.length} messages over IMAP, or other bytes`);
}

/** Mail that reached the platform which is not the home is mail that its owner does not see. */
async function compareOther(customer: Customer, other: PlatformEyes, expected: Map<string, Possible>, seen: AccountSeen, tally: Tally): Promise<void> {
  const there = await readAccount(other, customer.address).catch(() => undefined);
  for (const key of there?.messages.keys() ?? []) {
    if (!key.startsWith('id:') || seen.messages.has(key)) continue;
    if ([...(expected.get(key)?.states.values() ?? [])].includes('gone')) continue;
    tally.examples.push(`(${customer.address} ${key} is at ${other.name}, which is not its home)`);
  }
}

/** After a fault ends a verifier is trusted again within some seconds: breaker, sentinel, next attempt. */
const RECOVERY_MS = 5_000;

function judgeSignIns(journal: readonly JournalLine[], faults: readonly Fault[], tally: Tally) {
  const signIns = { accepted: 0, rejected: 0, locked: 0, unavailable: 0 };
  const wrongSecrets = { presented: 0, rejected: 0 };
  let falseRejections = 0;
  let falseAcceptances = 0;
  let wronglyUnavailable = 0;
  let connectionsLost = 0;
  let commandsCompleted = 0;
  const during = (at: number, ended: number, authority: 'ours' | 'old'): boolean =>
    faults.some(({ what, from, to }) => at < to + RECOVERY_MS && ended > from && (what !== 'old authentication' || authority === 'old'));
  for (const line of journal) {
    if ('commands' in line) commandsCompleted += line.commands;
    if (!('verdict' in line)) continue;
    const { verdict, secret, known, authority, account, at, ended } = line;
    if (verdict === 'lost') {
      connectionsLost += 1;
      continue;
    }
    signIns[verdict] += 1;
    const wrong = (what: string): void => {
      if (tally.examples.length < 20) tally.examples.push(`${what}: ${account}, secret ${secret}, authority ${authority}, known ${known}, ${new Date(at).toISOString()} for ${ended - at} ms`);
    };
    if (secret === 'right') {
      if (verdict === 'rejected') {
        falseRejections += 1;
        wrong('false rejection');
      }
      if (verdict === 'unavailable' && known) {
        wronglyUnavailable += 1;
        wrong('wrongly unavailable');
      }
      continue;
    }
    if (verdict === 'accepted') {
      falseAcceptances += 1;
      wrong('false acceptance');
    }
    if (during(at, ended, authority)) continue;
    wrongSecrets.presented += 1;
    if (verdict === 'rejected') wrongSecrets.rejected += 1;
    else wrong('wrong secret not rejected');
  }
  return { signIns, wrongSecrets, falseRejections, falseAcceptances, wronglyUnavailable, connectionsLost, commandsCompleted };
}
