/**
 * Two accounts, read whole from any two IMAP servers and compared as multisets of (mailbox, SHA-256 of the bytes,
 * internal date, flags).
 *
 * Invariants: it only reads; "equal" is said only when every message that either side told of was read; mailboxes are
 * paired as a move pairs them; a mailbox that stands for none is compared with an empty one, and one of the source that
 * is absent at the target is a difference even when it is empty. An empty one that only the target has is none: targets
 * make Drafts and Trash by themselves.
 */
import { CausewayError } from '#errors/index.ts';
import type { ImapConnection } from '#imap/connection.ts';
import { pairNames } from '../mailboxes/names.ts';
import { readSide, type Side } from '../mailboxes/side.ts';
import { createEntries, createWords, type Words } from './entries.ts';
import { type Label, printable, readLabels } from './label.ts';
import { match } from './match.ts';
import { readMailbox, type ReadMailbox, type ReadOptions } from './read-mailbox.ts';

export type DifferenceKind = 'missing' | 'surplus' | 'flags' | 'dates' | 'unread';

/** One message that differs, or that could not be read. Texts of others are safe to print. */
export type Named = {
  readonly kind: DifferenceKind;
  /** Where the message is that the UID names. */
  readonly side: 'source' | 'target';
  readonly mailbox: string;
  readonly uid: number;
  readonly label: Label | undefined;
  /** What was found at the source, and at the target. */
  readonly detail?: readonly [string, string];
};

/** One side of one pair. */
export type Compared = {
  readonly mailbox: string;
  readonly uidValidity: number;
  readonly uidNext: number;
  readonly count: number;
  readonly bytes: number;
  /** SHA-256, in hex, of the messages' fingerprints in ascending order, as in a receipt. */
  readonly digest: string;
  /** Messages that came after the moment that is compared; see `CompareOptions.below`. */
  readonly since: number;
};

export type MailboxComparison = {
  /** Absent where it stands for none. */
  readonly source: Compared | undefined;
  readonly target: Compared | undefined;
  readonly differences: Readonly<Record<DifferenceKind, number>>;
};

export type Comparison = {
  readonly equal: boolean;
  readonly differences: Readonly<Record<DifferenceKind, number>>;
  /** Mailboxes of the source for which there is none at the target, empty ones too. */
  readonly absent: readonly string[];
  readonly mailboxes: readonly MailboxComparison[];
  /** The first ones of each kind. */
  readonly named: readonly Named[];
};

export type CompareProgress = {
  /** Read until now, of both sides together. */
  readonly messages: number;
  readonly bytes: number;
  readonly ofMessages: number;
  /** Undefined where a server does not tell sizes (RFC 8438). */
  readonly ofBytes: number | undefined;
};

export type CompareOptions = {
  /** How many messages of each kind are named. */
  readonly name: number;
  readonly onProgress?: (progress: CompareProgress) => void;
  /** Pairs of mailboxes that were chosen before: source name → target name. */
  readonly known?: ReadonlyMap<string, string>;
  /** Messages of a mailbox from this UID on are counted and not compared: they came after the moment in question. */
  readonly below?: (side: 'source' | 'target', mailbox: string) => ReadOptions['below'];
  /** Messages that only one side has, as is known. */
  readonly apart?: (side: 'source' | 'target', mailbox: string) => ReadOptions['apart'];
};

const KINDS: readonly DifferenceKind[] = ['missing', 'surplus', 'flags', 'dates', 'unread'];

/** @throws CausewayError as the connections do; 'refused' names the mailbox that a server does not open */
export async function compareAccounts(source: ImapConnection, target: ImapConnection, options: CompareOptions): Promise<Comparison> {
  const [from, to] = await Promise.all([readSide(source), readSide(target)]);
  const names = pairNames(from, to, options.known ?? new Map());
  const open = (side: Side): Set<string> => new Set(side.mailboxes.filter(({ selectable }) => selectable).map(({ name }) => name));
  const [atSource, atTarget] = [open(from), open(to)];
  const stands = new Set(names.values());
  const pairs: [string | undefined, string | undefined][] = [
    ...[...names].map(([name, other]): [string, string | undefined] => [name, atTarget.has(other) ? other : undefined]),
    ...[...atTarget].filter((name) => !stands.has(name)).map((name): [undefined, string] => [undefined, name]),
  ];

  const progress = { messages: 0, bytes: 0, ...(await totals([[source, from, atSource], [target, to, atTarget]])) };
  const onMessage = (bytes: number): void => {
    progress.messages += 1;
    progress.bytes += bytes;
    options.onProgress?.(progress);
  };
  const total = zero();
  const named: Named[] = [];
  const mailboxes: MailboxComparison[] = [];
  for (const [name, other] of pairs) {
    const words = createWords();
    const [a, b] = await Promise.all([
      readSideOf('source', source, from, name, { words, onMessage }, options),
      readSideOf('target', target, to, other, { words, onMessage }, options),
    ]);
    const { differences, examples } = compareMailbox(a, b, words, (kind) => options.name - total[kind]);
    for (const kind of KINDS) total[kind] += differences[kind];
    named.push(...(await label(examples, { source, target }, { source: name ?? '', target: other ?? '' })));
    mailboxes.push({ source: comparedOf(name, a), target: comparedOf(other, b), differences });
  }
  const absent = pairs.flatMap(([name, other]) => (name !== undefined && other === undefined ? [name] : []));
  const equal = absent.length === 0 && KINDS.every((kind) => total[kind] === 0);
  return { equal, differences: total, absent, mailboxes, named };
}

const zero = (): Record<DifferenceKind, number> => ({ missing: 0, surplus: 0, flags: 0, dates: 0, unread: 0 });

async function readSideOf(
  which: 'source' | 'target',
  connection: ImapConnection,
  side: Side,
  name: string | undefined,
  common: Pick<ReadOptions, 'words' | 'onMessage'>,
  { below, apart }: CompareOptions,
): Promise<ReadMailbox | undefined> {
  if (name === undefined) return undefined;
  try {
    return await readMailbox(connection, side.refs.get(name) ?? name, { ...common, below: below?.(which, name), apart: apart?.(which, name) });
  } catch (error) {
    if (!(error instanceof CausewayError) || error.code !== 'refused') throw error;
    throw new CausewayError('refused', `the ${which} does not give the mailbox "${printable(name)}": ${error.message}`, { cause: error });
  }
}

/** Of all mailboxes, for a forecast. A mailbox that does not tell is found out when it is opened. */
async function totals(sides: readonly (readonly [ImapConnection, Side, ReadonlySet<string>])[]): Promise<Pick<CompareProgress, 'ofMessages' | 'ofBytes'>> {
  let messages = 0;
  let bytes: number | undefined = 0;
  await Promise.all(
    sides.map(async ([connection, side, names]) => {
      const sized = connection.capabilities.has('STATUS=SIZE') || connection.capabilities.has('IMAP4REV2');
      for (const name of names) {
        const found = await connection.status(side.refs.get(name) ?? name, sized ? ['MESSAGES', 'SIZE'] : ['MESSAGES']).catch((error: unknown) => {
          if (error instanceof CausewayError && error.code === 'refused') return undefined;
          throw error;
        });
        messages += found?.MESSAGES ?? 0;
        bytes = found?.SIZE === undefined || bytes === undefined ? undefined : bytes + found.SIZE;
      }
    }),
  );
  return { ofMessages: messages, ofBytes: bytes };
}

type Example = Omit<Named, 'label' | 'mailbox'>;

function compareMailbox(
  a: ReadMailbox | undefined,
  b: ReadMailbox | undefined,
  words: Words,
  room: (kind: DifferenceKind) => number,
): { differences: Record<DifferenceKind, number>; examples: Example[] } {
  const source = a?.entries ?? createEntries(words);
  const target = b?.entries ?? createEntries(words);
  const found = match(source, target);
  const unread = [...(a?.unread ?? []).map((uid) => ['source', uid] as const), ...(b?.unread ?? []).map((uid) => ['target', uid] as const)];
  const first = <T>(kind: DifferenceKind, all: readonly T[]): readonly T[] => all.slice(0, Math.max(0, room(kind)));
  const examples: Example[] = [
    ...first('missing', found.missing).map((i): Example => ({ kind: 'missing', side: 'source', uid: source.uid(i) })),
    ...first('surplus', found.surplus).map((j): Example => ({ kind: 'surplus', side: 'target', uid: target.uid(j) })),
    ...first('flags', found.flags).map(([i, j]): Example => ({
      kind: 'flags',
      side: 'source',
      uid: source.uid(i),
      detail: [printable(words.text(source.flags(i))), printable(words.text(target.flags(j)))],
    })),
    ...first('dates', found.dates).map(([i, j]): Example => ({ kind: 'dates', side: 'source', uid: source.uid(i), detail: [dateText(source.date(i)), dateText(target.date(j))] })),
    ...first('unread', unread).map(([side, uid]): Example => ({ kind: 'unread', side, uid })),
  ];
  return {
    differences: {
      missing: found.missing.length,
      surplus: found.surplus.length,
      flags: found.flags.length,
      dates: found.dates.length,
      unread: unread.length + (a?.unlisted ?? 0) + (b?.unlisted ?? 0),
    },
    examples,
  };
}

const dateText = (seconds: number): string => (Number.isFinite(seconds) ? new Date(seconds * 1_000).toISOString() : 'none that can be read');

/** While both mailboxes are still selected. */
async function label(
  examples: readonly Example[],
  connections: Readonly<Record<'source' | 'target', ImapConnection>>,
  mailboxes: Readonly<Record<'source' | 'target', string>>,
): Promise<Named[]> {
  const uids = (side: 'source' | 'target'): number[] => examples.filter((each) => each.side === side).map(({ uid }) => uid).sort((x, y) => x - y);
  const [source, target] = await Promise.all([readLabels(connections.source, uids('source')), readLabels(connections.target, uids('target'))]);
  const labels = { source, target };
  return examples.map((each) => ({ ...each, mailbox: printable(mailboxes[each.side]), label: labels[each.side].get(each.uid) }));
}

function comparedOf(mailbox: string | undefined, read: ReadMailbox | undefined): Compared | undefined {
  if (mailbox === undefined || read === undefined) return undefined;
  const { entries, selected, since } = read;
  return { mailbox, uidValidity: selected.uidValidity, uidNext: selected.uidNext, count: entries.length, bytes: entries.bytes, digest: entries.digest(), since };
}
