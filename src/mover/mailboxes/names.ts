/**
 * Which mailbox of the target stands for which of the source. Pure.
 *
 * Invariants: no two source mailboxes share one of the target; a choice once made (`known`) stays; INBOX is INBOX
 * (RFC 3501 5.1, in any case of letters).
 */
export type Space = {
  /** Of the personal namespace: '' or, for example, `INBOX.` (Courier, Cyrus). */
  readonly prefix: string;
  /** Absent where the platform has no hierarchy. */
  readonly delimiter: string | undefined;
  /** Prefixes of other users' and shared namespaces: what lies there is not the account's own. */
  readonly foreign: readonly string[];
};

export type Mailbox = {
  readonly name: string;
  /** False for `\Noselect` and `\NonExistent`: a name that only has children. */
  readonly selectable: boolean;
  /** `\Sent`, `\Drafts` ... (RFC 6154). */
  readonly specialUse: string | undefined;
};

export const INBOX = 'INBOX';

export function isInbox(name: string): boolean {
  return name.toUpperCase() === INBOX;
}

/** Whether a name is in the account's own namespace. */
export function isOwn(name: string, space: Space): boolean {
  return !space.foreign.some((prefix) => prefix !== '' && prefix !== space.prefix && name.startsWith(prefix));
}

/** The name that a source mailbox gets at the target, before collisions are looked at. */
export function translate(name: string, from: Space, to: Space): string {
  if (isInbox(name)) return INBOX;
  const bare = from.prefix !== '' && name.startsWith(from.prefix) ? name.slice(from.prefix.length) : name;
  const levels = from.delimiter === undefined || from.delimiter === '' ? [bare] : bare.split(from.delimiter);
  // The target's separator within a level would make two levels of it ("Ops/foo" under ".").
  const safe = to.delimiter === undefined || to.delimiter === '' ? levels : levels.map((level) => level.replaceAll(to.delimiter!, '_'));
  return to.prefix + safe.join(to.delimiter ?? '_');
}

/** Whether more became of a name than the other platform's prefix and separators. */
export function isMapped(name: string, targetName: string, from: Space, to: Space): boolean {
  if (isInbox(name)) return false;
  const bare = from.prefix !== '' && name.startsWith(from.prefix) ? name.slice(from.prefix.length) : name;
  const levels = from.delimiter === undefined || from.delimiter === '' ? [bare] : bare.split(from.delimiter);
  return (to.delimiter === undefined && levels.length > 1) || to.prefix + levels.join(to.delimiter) !== targetName;
}

/**
 * RFC 3501's wildcards and quoted-specials, control characters, and what else is in no name of Cyrus's (3.6 answers "Invalid
 * mailbox name"; which ones depends on its separator).
 */
const UNUSUAL = /["%*\\^`{|}<>;!/]|\p{Cc}/gu;

/** The name for a target that refuses one with such characters: `_` in their places. */
export function plainName(name: string, { delimiter }: Space): string {
  return name.replaceAll(UNUSUAL, (character) => (character === delimiter ? character : '_'));
}

/** @returns `base`, or with `-2` and so on behind it the first that is not taken */
export function freeName(base: string, taken: ReadonlySet<string>): string {
  let free = base;
  // There are at most as many collisions as mailboxes.
  for (let n = 2; taken.has(free); n += 1) free = `${base}-${n}`;
  return free;
}

/**
 * @param known pairs that were chosen before: source name → target name
 * @returns source name → target name for each selectable mailbox of the source
 */
export function pairNames(
  source: { mailboxes: readonly Mailbox[]; space: Space },
  target: { mailboxes: readonly Mailbox[]; space: Space },
  known: ReadonlyMap<string, string>,
): Map<string, string> {
  const wanted = source.mailboxes.filter(({ selectable }) => selectable);
  const translated = new Map(wanted.map(({ name }) => [name, translate(name, source.space, target.space)]));
  const pairs = new Map<string, string>();
  const taken = new Set<string>();
  const take = (name: string, targetName: string): void => {
    pairs.set(name, targetName);
    taken.add(targetName);
  };

  for (const { name } of wanted) {
    const before = isInbox(name) ? INBOX : known.get(name);
    if (before !== undefined && !taken.has(before)) take(name, before);
  }
  const existing = new Set(target.mailboxes.map(({ name }) => name));
  for (const { name } of wanted) {
    const same = translated.get(name)!;
    if (!pairs.has(name) && existing.has(same) && !taken.has(same)) take(name, same);
  }
  // Only then by use: a mailbox of the target that another source mailbox calls its own name is not given away.
  const claimed = new Set(translated.values());
  for (const { name, specialUse } of wanted) {
    if (pairs.has(name) || specialUse === undefined) continue;
    const alike = target.mailboxes.find(
      (mailbox) =>
        mailbox.selectable && mailbox.specialUse === specialUse && !taken.has(mailbox.name) && !claimed.has(mailbox.name),
    );
    if (alike !== undefined) take(name, alike.name);
  }
  // What a target took instead of a name that it refused (pairs.ts).
  for (const { name } of wanted) {
    const plain = plainName(translated.get(name)!, target.space);
    if (!pairs.has(name) && existing.has(plain) && !taken.has(plain) && !claimed.has(plain)) take(name, plain);
  }
  for (const { name } of wanted) {
    if (pairs.has(name)) continue;
    take(name, freeName(translated.get(name)!, taken));
  }
  return pairs;
}
