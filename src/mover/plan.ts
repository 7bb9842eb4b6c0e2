/**
 * What a move of an account would do, and what would stop it, as both platforms tell now.
 *
 * Invariants: nothing is changed (of the target's mailboxes SELECT is asked, since EXAMINE does not tell which keywords
 * are kept; no customer lives there). What it finds is found by the mover's own rules; what no server tells beforehand
 * (a limit that is not announced, a virus scanner) is found by moving.
 */
import { messageOf } from '#errors/index.ts';
import type { ImapConnection } from '#imap/connection.ts';
import { parseInternalDate } from '#wire/imap/date.ts';
import { checkFlags } from './copy/apply.ts';
import { appendLimitOf, quotaOf, type Quota } from './limits/limits.ts';
import { isInbox, pairNames, plainName, translate } from './mailboxes/names.ts';
import { readSide, type Side } from './mailboxes/side.ts';

export type FindingKind = 'too-big' | 'quota' | 'keywords' | 'date' | 'uidvalidity' | 'name' | 'case' | 'emptied';

export type Finding = {
  readonly kind: FindingKind;
  /** Whether the move would wait for a person; the others are carried out as their text says. */
  readonly stops: boolean;
  /** Of the source, but for `emptied`. */
  readonly mailbox: string;
  readonly text: string;
};

export type PlannedMailbox = {
  readonly source: string;
  readonly target: string;
  readonly exists: boolean;
  readonly messages: number;
  /** By RFC822.SIZE, as the source tells. */
  readonly bytes: number;
};

export type Plan = {
  readonly messages: number;
  readonly bytes: number;
  readonly largest: number;
  readonly mailboxes: readonly PlannedMailbox[];
  readonly findings: readonly Finding[];
};

/** @throws CausewayError as the connections do */
export async function planMove(source: ImapConnection, target: ImapConnection): Promise<Plan> {
  const [from, to] = await Promise.all([readSide(source), readSide(target)]);
  const names = pairNames(from, to, new Map());
  const existing = new Set(to.mailboxes.filter(({ selectable }) => selectable).map(({ name }) => name));
  const limit = await appendLimitOf(target);
  const inbox = await target.select('INBOX');
  const findings: Finding[] = nameFindings(names, from, to, existing);
  const mailboxes: PlannedMailbox[] = [];
  let largest = 0;
  for (const [name, targetName] of names) {
    const exists = existing.has(targetName);
    const [present, copy] = await Promise.all([
      source.examine(from.refs.get(name) ?? name),
      exists && !isInbox(targetName) ? target.select(to.refs.get(targetName) ?? targetName) : inbox,
    ]);
    const metas = present.exists === 0 ? [] : await source.fetchMeta('1:*');
    const add = (kind: FindingKind, stops: boolean, text: string): void => void findings.push({ kind, stops, mailbox: name, text });

    const large = metas.filter(({ size }) => size > limit);
    if (large.length > 0) add('too-big', true, `${large.length} messages are larger than the ${limit} bytes that the target takes, first UID ${large[0]!.uid} of ${large[0]!.size} bytes`);
    const undated = metas.filter(({ internalDate }) => !isDate(internalDate));
    if (undated.length > 0) add('date', true, `${undated.length} messages have no valid internal date, first UID ${undated[0]!.uid}`);
    try {
      // One that is to be made is taken to be as INBOX is.
      checkFlags(targetName, metas.map(({ flags }) => flags.filter((flag) => flag.toLowerCase() !== '\\recent')), copy.permanentFlags);
    } catch (error) {
      add('keywords', true, messageOf(error));
    }
    const keywords = new Set(metas.flatMap(({ flags }) => flags.filter((flag) => !flag.startsWith('\\')).map((flag) => flag.toLowerCase())));
    if (keywords.size > MAILDIR_KEYWORDS) add('keywords', false, `has ${keywords.size} keywords: a target that keeps fewer (${MAILDIR_KEYWORDS} in a Maildir) stops the move`);
    if (exists && copy.uidValidity === present.uidValidity) {
      const stops = isInbox(targetName);
      add('uidvalidity', stops, `UIDVALIDITY is ${present.uidValidity} on both platforms: ${stops ? 'INBOX cannot be made anew, give it another one at the target' : `"${targetName}" is made anew at the target`}`);
    }
    largest = metas.reduce((most, { size }) => Math.max(most, size), largest);
    mailboxes.push({ source: name, target: targetName, exists, messages: metas.length, bytes: metas.reduce((sum, { size }) => sum + size, 0) });
  }
  const messages = mailboxes.reduce((sum, each) => sum + each.messages, 0);
  const bytes = mailboxes.reduce((sum, each) => sum + each.bytes, 0);
  findings.push(...quotaFindings(await quotaOf(target), messages, bytes), ...(await emptied(target, to, names, existing)));
  return { messages, bytes, largest, mailboxes, findings };
}

function isDate(text: string): boolean {
  try {
    parseInternalDate(text);
    return true;
  } catch {
    return false;
  }
}

function nameFindings(names: ReadonlyMap<string, string>, from: Side, to: Side, existing: ReadonlySet<string>): Finding[] {
  const findings: Finding[] = [];
  const byFolded = new Map<string, string[]>();
  for (const [name, targetName] of names) {
    const levels = from.space.delimiter === undefined ? [name] : name.split(from.space.delimiter);
    const kept = translate(name, from.space, to.space);
    const split = to.space.delimiter;
    const changed = split !== undefined && levels.some((level) => level.includes(split));
    if (targetName !== kept) findings.push({ kind: 'name', stops: false, mailbox: name, text: `becomes "${targetName}", which has the same use or is free` });
    else if (changed) findings.push({ kind: 'name', stops: false, mailbox: name, text: `becomes "${targetName}": "${split}" separates levels at the target` });
    if (levels.some((level) => level !== level.trim() || level.includes('  '))) findings.push({ kind: 'name', stops: false, mailbox: name, text: 'has blanks at an end or two in a row, which some servers refuse' });
    const plain = plainName(targetName, to.space);
    if (!existing.has(targetName) && plain !== targetName) findings.push({ kind: 'name', stops: false, mailbox: name, text: `becomes "${plain}" where the target refuses "${targetName}"` });
    const folded = targetName.toLowerCase();
    byFolded.set(folded, [...(byFolded.get(folded) ?? []), name]);
  }
  for (const alike of byFolded.values()) {
    const [first, ...others] = alike;
    if (first !== undefined && others.length > 0) {
      findings.push({ kind: 'case', stops: false, mailbox: first, text: `differs only in the case of letters from ${others.map((name) => `"${name}"`).join(', ')}: a target that does not tell them apart gets numbers behind them` });
    }
  }
  return findings;
}

function quotaFindings(quota: Quota, messages: number, bytes: number): Finding[] {
  const finding = (text: string): Finding => ({ kind: 'quota', stops: true, mailbox: 'INBOX', text });
  return [
    ...(quota.bytes !== undefined && bytes > quota.bytes ? [finding(`${bytes} bytes do not fit into the target's quota of ${quota.bytes}`)] : []),
    ...(quota.messages !== undefined && messages > quota.messages ? [finding(`${messages} messages do not fit into the target's quota of ${quota.messages}`)] : []),
  ];
}

/** Of what stores in Maildirs keep in a mailbox; they do not tell (`docs/quirks.md`). */
const MAILDIR_KEYWORDS = 26;

async function emptied(target: ImapConnection, to: Side, names: ReadonlyMap<string, string>, existing: ReadonlySet<string>): Promise<Finding[]> {
  const taken = new Set(names.values());
  const findings: Finding[] = [];
  for (const name of existing) {
    if (taken.has(name)) continue;
    const { MESSAGES = 0 } = await target.status(to.refs.get(name) ?? name, ['MESSAGES']);
    if (MESSAGES > 0) findings.push({ kind: 'emptied', stops: false, mailbox: name, text: `stands for none of the source: its ${MESSAGES} messages at the target are removed` });
  }
  return findings;
}
