/**
 * The keys of SEARCH (RFC 3501 6.4.4), compiled into one test for a message.
 *
 * Text is compared as bytes, ASCII case aside: encoded words and transfer encodings are not undone.
 */
import { CausewayError } from '#errors/index.ts';
import { contains, parseSequenceSet } from '#wire/imap/sequence-set.ts';
import { textOf, type Token } from '#wire/imap/tokens.ts';
import type { Mailbox, Message } from '../maildir/mailbox.ts';
import { bodyStart } from '../message/headers.ts';
import type { Content } from './content.ts';

export type Subject = { readonly message: Message; readonly number: number; readonly content: Content };
export type Test = (subject: Subject) => boolean;

export type SearchIn = { readonly mailbox: Mailbox; readonly count: number; readonly highestUid: number };

const DAY = 86_400;
const MONTHS = 'janfebmaraprmayjunjulaugsepoctnovdec';
/** NOT and OR and lists, one within the other. */
const DEEPEST = 50;

/** @throws CausewayError `protocol` */
export function compileSearch(tokens: readonly Token[], within: SearchIn): Test {
  const rest = [...tokens];
  const { mailbox } = within;

  function all(list: Token[], depth: number): Test {
    const tests: Test[] = [];
    while (list.length > 0) tests.push(key(list, depth));
    if (tests.length === 0) throw new CausewayError('protocol', 'Expected a search key.');
    return (subject) => tests.every((test) => test(subject));
  }

  function key(list: Token[], depth: number): Test {
    if (depth > DEEPEST) throw new CausewayError('protocol', 'The search is nested too deeply.');
    const token = list.shift();
    if (token?.kind === 'list') return all([...token.items], depth + 1);
    const word = textOf(token);
    const name = word.toUpperCase();
    const word2 = (): string => textOf(list.shift());
    const flag = FLAG_KEYS.get(name);
    if (flag) return flagTest(flag[0], flag[1]);
    switch (name) {
      case 'ALL':
      case 'OLD':
        return () => true;
      case 'NEW':
      case 'RECENT':
        return () => false;
      case 'KEYWORD':
        return flagTest(word2(), true);
      case 'UNKEYWORD':
        return flagTest(word2(), false);
      case 'NOT': {
        const test = key(list, depth + 1);
        return (subject) => !test(subject);
      }
      case 'OR': {
        const one = key(list, depth + 1);
        const other = key(list, depth + 1);
        return (subject) => one(subject) || other(subject);
      }
      case 'UID': {
        const set = parseSequenceSet(word2());
        return ({ message }) => contains(set, message.uid, within.highestUid);
      }
      case 'LARGER':
      case 'SMALLER': {
        const size = Number(word2());
        return ({ message }) => (name === 'LARGER' ? mailbox.sizeOf(message) > size : mailbox.sizeOf(message) < size);
      }
      case 'BEFORE':
      case 'ON':
      case 'SINCE':
        return dayTest(name, dayOf(word2()), ({ message }) => Math.floor(mailbox.secondsOf(message) / DAY));
      case 'SENTBEFORE':
      case 'SENTON':
      case 'SENTSINCE':
        return dayTest(name.slice(4), dayOf(word2()), ({ content }) => sentDay(content));
      case 'BCC':
      case 'CC':
      case 'FROM':
      case 'SUBJECT':
      case 'TO':
        return headerTest(name, word2());
      case 'HEADER':
        return headerTest(word2(), word2());
      case 'BODY':
      case 'TEXT': {
        const needle = needleOf(word2());
        return ({ content }) => {
          const text = content.text();
          return (name === 'TEXT' ? text : text.slice(bodyStart(text, 0, text.length))).toLowerCase().includes(needle);
        };
      }
      default: {
        const set = parseSequenceSet(word);
        return ({ number }) => contains(set, number, within.count);
      }
    }
  }

  function flagTest(flag: string, wanted: boolean): Test {
    const bit = mailbox.keywords.known([flag]);
    return ({ message }) => ((message.flags & bit) !== 0) === wanted;
  }

  return all(rest, 0);
}

const FLAG_KEYS = new Map<string, [string, boolean]>(
  ['Answered', 'Deleted', 'Draft', 'Flagged', 'Seen'].flatMap((flag): [string, [string, boolean]][] => [
    [flag.toUpperCase(), [`\\${flag}`, true]],
    [`UN${flag.toUpperCase()}`, [`\\${flag}`, false]],
  ]),
);

function needleOf(text: string): string {
  return Buffer.from(text).toString('latin1').toLowerCase();
}

function headerTest(header: string, text: string): Test {
  const name = header.toLowerCase();
  const needle = needleOf(text);
  return ({ content }) => content.fields().some((field) => field.name === name && field.value.toLowerCase().includes(needle));
}

function dayTest(name: string, day: number, of: (subject: Subject) => number | undefined): Test {
  return (subject) => {
    const found = of(subject);
    if (found === undefined) return false;
    if (name === 'ON') return found === day;
    return name === 'BEFORE' ? found < day : found >= day;
  };
}

/** Days since the epoch of `1-Feb-1994`. */
function dayOf(text: string): number {
  const [, day, month, year] = /^(\d{1,2})-([a-z]{3})-(\d{4})$/i.exec(text) ?? [];
  const found = daysOf(day, month, year);
  if (found === undefined) throw new CausewayError('protocol', 'Expected a date like 1-Feb-1994.');
  return found;
}

/** The day that the Date field names, whatever its time and zone (RFC 3501). */
function sentDay(content: Content): number | undefined {
  const date = content.fields().find(({ name }) => name === 'date')?.value ?? '';
  const [, day, month, year] = /(\d{1,2})\s+([a-z]{3})\s+(\d{4})/i.exec(date) ?? [];
  return daysOf(day, month, year);
}

function daysOf(day: string | undefined, month: string | undefined, year: string | undefined): number | undefined {
  const at = month === undefined ? -1 : MONTHS.indexOf(month.toLowerCase());
  return at < 0 || at % 3 !== 0 ? undefined : Date.UTC(Number(year), at / 3, Number(day)) / (DAY * 1_000);
}
