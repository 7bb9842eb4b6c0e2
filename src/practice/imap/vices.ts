/** How a platform with bad habits (`vice.ts`) answers. */
import { readFileSync } from 'node:fs';
import { contains, parseSequenceSet } from '#wire/imap/sequence-set.ts';
import { textOf, type Token } from '#wire/imap/tokens.ts';
import type { Spool } from '../maildir/spool.ts';
import type { Vices } from '../vice.ts';
import { accountOf, diskNameIn, type Reply, type Session } from './session.ts';

type Call = { readonly session: Session; readonly name: string; readonly args: readonly Token[]; readonly messages: readonly Spool[] };

/** How many APPENDs each platform was sent. */
const appends = new WeakMap<Vices, number>();
/** One of so many is refused for the moment: who gives up at the first never ends, who goes on does. */
const ONE_OF = 2;
/** Exchange's limit, in octets. */
const LONGEST_LINE = 9_900;

/** What a platform with these vices answers instead of carrying out the command; undefined: it carries it out. */
export function viceReply(vices: Vices, call: Call): Reply | undefined {
  if (vices.size === 0) return undefined;
  const { name, args } = call;
  if (name === 'APPEND') return appendReply(vices, call);
  if (name === 'CREATE') {
    const asked = diskNameIn(call.session, args[0]);
    const names = accountOf(call.session).names();
    if (vices.has('has-no-levels') && asked.includes('.')) return 'NO Mailbox names have no levels here.';
    if (vices.has('folds-case') && names.some((each) => each.toLowerCase() === asked.toLowerCase())) return 'NO [ALREADYEXISTS] There is such a mailbox.';
  }
  if (name === 'UID FETCH' && vices.has('cannot-read-one') && args.slice(1).some(asksForBytes) && contains(parseSequenceSet(textOf(args[0])), 2, Number.POSITIVE_INFINITY)) {
    return 'NO The message cannot be read.';
  }
  return undefined;
}

/** The arguments as a platform with these vices takes them. */
export function viceArguments(vices: Vices, name: string, args: readonly Token[]): readonly Token[] {
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
  const count = (appends.get(vices) ?? 0) + 1;
  appends.set(vices, count);
  if (count % ONE_OF === 0 && vices.has('throttles')) return 'NO [THROTTLED] Account is over its rate.';
  if (count % ONE_OF === 0 && vices.has('asks-to-back-off')) return 'BAD Request is throttled. Suggested Backoff Time: 20 milliseconds';
  if (vices.has('is-full-in-other-words')) return 'NO Server Unavailable. 15';
  const deleted = args.some((arg) => arg.kind === 'list' && arg.items.some((flag) => textOf(flag).toLowerCase() === '\\deleted'));
  if (deleted && vices.has('swallows-deleted')) return 'OK Appended.';
  if (!vices.has('refuses-nul') && !vices.has('refuses-long-lines') && !vices.has('scans')) return undefined;
  for (const { file } of messages) {
    const bytes = readFileSync(file);
    if (vices.has('refuses-nul') && bytes.includes(0)) return 'NO Message contains NUL characters';
    if (vices.has('refuses-long-lines') && bytes.toString('latin1').split('\n').some((line) => line.length > LONGEST_LINE)) return 'NO Line too long.';
    if (vices.has('scans') && bytes.includes('EICAR')) return 'NO Virus found: Eicar-Signature';
  }
  return undefined;
}

const asksForBytes = (token: Token): boolean => (token.kind === 'list' ? token.items.some(asksForBytes) : /^BODY/i.test(textOf(token)));
