/** How a platform with bad habits (`vice.ts`) answers. */
import { readFileSync, writeFileSync } from 'node:fs';
import { contains, parseSequenceSet } from '#wire/imap/sequence-set.ts';
import { textOf, type Token } from '#wire/imap/tokens.ts';
import type { Spool } from '../maildir/spool.ts';
import type { Vices } from '../vice.ts';
import { accountOf, diskNameIn, type Reply, type Session } from './session.ts';

type Call = { readonly session: Session; readonly name: string; readonly args: readonly Token[]; readonly messages: readonly Spool[] };

/** How many APPENDs each platform was sent; how many commands that read. */
const appends = new WeakMap<Vices, number>();
const reads = new WeakMap<Vices, number>();
const READS = new Set(['SELECT', 'EXAMINE', 'UID FETCH']);

function nextOf(counts: WeakMap<Vices, number>, vices: Vices): number {
  const count = (counts.get(vices) ?? 0) + 1;
  counts.set(vices, count);
  return count;
}

/** One of so many is refused for the moment: who gives up at the first never ends, who goes on does. */
const ONE_OF = 2;
/** Exchange's limit, in octets. */
const LONGEST_LINE = 9_900;

/** What a platform with these vices answers instead of carrying out the command; undefined: it carries it out. */
export function viceReply(vices: Vices, call: Call): Reply | undefined {
  if (vices.size === 0) return undefined;
  const { name, args, session } = call;
  if (vices.has('is-not-connected') && session.user !== undefined && name !== 'LOGOUT') return 'BAD User is authenticated but not connected.';
  if (vices.has('chokes-on-annotations') && args.some(isAnnotated)) return 'BAD Parse Error';
  if (vices.has('dies-at-one') && (name === 'SELECT' || name === 'EXAMINE') && textOf(args[0]) === 'Locked') return die(session);
  if (name === 'APPEND') return appendReply(vices, call);
  if (READS.has(name)) {
    if (vices.has('throttles-reading') && nextOf(reads, vices) % ONE_OF === 0) return 'NO [THROTTLED] Account exceeded bandwidth limits.';
    if (vices.has('is-in-use') && nextOf(reads, vices) % ONE_OF === 0) return 'NO [INUSE] The mailbox is in use.';
  }
  if (name === 'CREATE') {
    const asked = diskNameIn(session, args[0]);
    const names = accountOf(session).names();
    if (vices.has('reserves-names') && asked === 'Files') return 'NO The name is reserved.';
    if (vices.has('has-no-mixed-mailboxes') && names.some((each) => asked.startsWith(`${each}.`))) return 'NO A mailbox that holds messages has no children here.';
    if (vices.has('has-no-levels') && asked.includes('.')) return 'NO Mailbox names have no levels here.';
    if (vices.has('refuses-odd-names') && /["\\]/.test(asked)) return 'NO Invalid mailbox name';
    if (vices.has('folds-case') && names.some((each) => each.toLowerCase() === asked.toLowerCase())) return 'NO [ALREADYEXISTS] There is such a mailbox.';
  }
  if (name === 'UID FETCH' && vices.has('cannot-read-one') && args.slice(1).some(asksForBytes) && contains(parseSequenceSet(textOf(args[0])), 2, Number.POSITIVE_INFINITY)) {
    return 'NO The message cannot be read.';
  }
  return undefined;
}

/** The arguments as a platform with these vices takes them. */
export function viceArguments(vices: Vices, name: string, args: readonly Token[]): readonly Token[] {
  if (vices.has('loses-keywords') && (name === 'APPEND' || name === 'UID STORE')) return args.map((arg) => withoutLost(vices, arg));
  if (name !== 'APPEND' || vices.size === 0) return args;
  let taken = args;
  if (vices.has('forgets-flagged')) {
    taken = taken.map((arg) => (arg.kind === 'list' ? { ...arg, items: arg.items.filter((flag) => textOf(flag).toLowerCase() !== '\\flagged') } : arg));
  }
  // A message stands as an empty string in its line, so any other string behind the mailbox is a date.
  if (vices.has('dates-by-itself')) taken = taken.filter((arg, at) => at === 0 || arg.kind !== 'string' || arg.bytes.length === 0);
  return taken;
}

function appendReply(vices: Vices, { args, messages }: Call): Reply | undefined {
  const count = nextOf(appends, vices);
  if (count % ONE_OF === 0 && vices.has('throttles')) return 'NO [THROTTLED] Account is over its rate.';
  if (count % ONE_OF === 0 && vices.has('asks-to-back-off')) return 'BAD Request is throttled. Suggested Backoff Time: 20 milliseconds';
  if (vices.has('is-full-in-other-words')) return 'NO Server Unavailable. 15';
  const deleted = args.some((arg) => arg.kind === 'list' && arg.items.some((flag) => textOf(flag).toLowerCase() === '\\deleted'));
  if (deleted && vices.has('swallows-deleted')) return 'OK Appended.';
  for (const { file } of messages) {
    if (!READ_AT_APPEND.some((vice) => vices.has(vice))) break;
    const bytes = readFileSync(file);
    if (vices.has('wants-final-crlf') && !bytes.subarray(-2).equals(CRLF)) return 'BAD [CLIENTBUG] APPEND Additional arguments found after last expected argument';
    if (vices.has('refuses-invalid-headers') && hasInvalidHeader(bytes.toString('latin1'))) return 'NO Message contains invalid header';
    if (vices.has('refuses-nul') && bytes.includes(0)) return 'NO Message contains NUL characters';
    if (vices.has('refuses-long-lines') && bytes.toString('latin1').split('\n').some((line) => line.length > LONGEST_LINE)) return 'NO Line too long.';
    if (vices.has('scans') && bytes.includes('EICAR')) return 'NO Virus found: Eicar-Signature';
    if (vices.has('munges-headers')) writeFileSync(file, munged(bytes));
  }
  return undefined;
}

const CRLF = Buffer.from('\r\n');
const READ_AT_APPEND = ['refuses-nul', 'refuses-long-lines', 'scans', 'wants-final-crlf', 'refuses-invalid-headers', 'munges-headers'] as const;

/** X for each byte above 127 in the header. */
function munged(message: Buffer): Buffer {
  const end = message.indexOf('\r\n\r\n');
  return message.map((byte, at) => (byte > 127 && at < end ? 0x58 : byte)) as Buffer;
}

function hasInvalidHeader(message: string): boolean {
  const head = message.slice(0, message.indexOf('\r\n\r\n'));
  return head.split('\r\n').some((line) => /[\x80-\xff]/.test(line) || !/^([\x21-\x39\x3b-\x7e]+:|[ \t])/.test(line));
}

const isAnnotated = (arg: Token): boolean => arg.kind === 'list' && arg.items.some((flag) => flag.kind !== 'list' && textOf(flag).startsWith('$X-ME-Annot'));

/** The whole session goes with one mailbox. */
function die(session: Session): Reply {
  session.out.line('* BYE Lock wait timeout exceeded.');
  void session.out.flush();
  session.ending = true;
  session.out.destroy();
  return 'NO Gone.';
}

/** Maildir has a letter for so many. */
const KEYWORDS = 26;
const kept = new WeakMap<Vices, Set<string>>();

/** The first keywords that come stay, the others go without a word. */
function withoutLost(vices: Vices, arg: Token): Token {
  if (arg.kind !== 'list') return arg;
  const known = kept.get(vices) ?? new Set<string>();
  kept.set(vices, known);
  const items = arg.items.filter((flag) => {
    const text = textOf(flag);
    if (text.startsWith('\\')) return true;
    if (known.size < KEYWORDS) known.add(text);
    return known.has(text);
  });
  return { ...arg, items };
}

const asksForBytes = (token: Token): boolean => (token.kind === 'list' ? token.items.some(asksForBytes) : /^BODY/i.test(textOf(token)));
