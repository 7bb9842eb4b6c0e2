/**
 * UID SEARCH (RFC 9051 section 6.4.4, RFC 4731) and UID SORT (RFC 5256).
 *
 * Invariant: what a customer typed reaches the server as a quoted string of printable ASCII or as a literal, so nothing in
 * it can end the string or the line. Flags, numbers and dates are checked; a header's name is one.
 */
import { CausewayError } from '#errors/index.ts';
import { parseSequenceSet } from '#wire/imap/sequence-set.ts';
import { textOf, type Token } from '#wire/imap/tokens.ts';
import type { Engine } from '../engine/engine.ts';
import type { Untagged } from '../engine/in-flight.ts';
import { numberOf } from '../engine/fetch-response.ts';
import type { Part } from '../engine/output.ts';
import { flagList } from './append.ts';
import { uidSet } from './fetch-meta.ts';

export type SearchKey =
  | { readonly key: 'all' }
  | { readonly key: 'and' | 'or'; readonly of: readonly SearchKey[] }
  | { readonly key: 'not'; readonly of: SearchKey }
  /** `\Seen`, or a keyword. */
  | { readonly key: 'flag'; readonly flag: string }
  | { readonly key: 'uid'; readonly uids: string }
  | { readonly key: 'text' | 'body' | 'subject' | 'from' | 'to' | 'cc' | 'bcc'; readonly text: string }
  /** With an empty text: messages that have the field. */
  | { readonly key: 'header'; readonly name: string; readonly text: string }
  /** Bytes, exclusive. */
  | { readonly key: 'larger' | 'smaller'; readonly size: number }
  /** Whole days, as the server counts them: of the internal date, or of the Date field. */
  | { readonly key: 'before' | 'since' | 'on'; readonly day: Date };

export type SortKey = { readonly by: 'ARRIVAL' | 'CC' | 'DATE' | 'FROM' | 'SIZE' | 'SUBJECT' | 'TO' | 'DISPLAYFROM' | 'DISPLAYTO'; readonly reverse: boolean };

/** As many as `fetchMeta` gives: 8 bytes each. */
const UID_LIMIT = 1_000_000;
/** Keys of one search. A filter in a request has some; servers recurse over them. */
const KEY_LIMIT = 1_000;
/** Of one text: a line of a letter. Servers compare it with every word of a mailbox. */
const TEXT_LIMIT = 1_000;

/** The UIDs, rising. Rejects with 'refused' where the server takes no such key or cannot read UTF-8. */
export async function uidSearch(engine: Engine, key: SearchKey): Promise<number[]> {
  const extended = engine.capabilities.has('ESEARCH') || engine.capabilities.has('IMAP4REV2');
  const { parts, charset } = compile(key);
  const found: number[] = [];
  await engine.command({
    name: 'UID SEARCH',
    parts: [`UID SEARCH ${extended ? 'RETURN (ALL) ' : ''}${charset === undefined ? '' : `CHARSET ${charset} `}`, ...parts],
    wants: (response) => response.kind === 'data' && (response.name === 'SEARCH' || response.name === 'ESEARCH'),
    onData: (response) => collect(response, found),
  });
  return [...new Set(found)].sort((a, b) => a - b);
}

/** The UIDs in the order asked for. Rejects with 'refused' where the server cannot sort. */
export async function uidSort(engine: Engine, order: readonly SortKey[], key: SearchKey): Promise<number[]> {
  if (!engine.capabilities.has('SORT')) throw new CausewayError('refused', 'the server cannot sort', { place: engine.place });
  const { parts, charset } = compile(key);
  const words = order.map(({ by, reverse }) => (reverse ? `REVERSE ${by}` : by)).join(' ');
  const found: number[] = [];
  await engine.command({
    name: 'UID SORT',
    parts: [`UID SORT (${words}) ${charset ?? 'US-ASCII'} `, ...parts],
    wants: (response) => response.kind === 'data' && response.name === 'SORT',
    onData: (response) => collect(response, found),
  });
  return [...new Set(found)];
}

/** `* SEARCH 1 2`, `* SORT 2 1`, `* ESEARCH (TAG "A1") UID ALL 1:5,9` */
function collect(response: Untagged, found: number[]): void {
  if (response.kind !== 'data') return;
  const add = (uid: number | undefined): void => {
    if (uid === undefined || uid === 0) throw new CausewayError('protocol', 'a search answer with something that is no UID');
    if (found.length >= UID_LIMIT) throw new CausewayError('limit', `more than ${UID_LIMIT} messages`);
    found.push(uid);
  };
  if (response.name !== 'ESEARCH') {
    // `(MODSEQ 5)` may stand at its end (RFC 7162).
    for (const token of response.tokens) if (token.kind !== 'list') add(numberOf(token));
    return;
  }
  const at = response.tokens.findIndex((token) => token.kind === 'atom' && token.text.toUpperCase() === 'ALL');
  const set: Token | undefined = at < 0 ? undefined : response.tokens[at + 1];
  if (set === undefined) return;
  for (const [first, last] of parseSequenceSet(textOf(set))) {
    if (last - first >= UID_LIMIT) throw new CausewayError('limit', `more than ${UID_LIMIT} messages`);
    for (let uid = first; uid <= last; uid += 1) add(uid);
  }
}

/** The key's parts, and the charset where it must be named. Throws CausewayError 'input'. */
export function compile(key: SearchKey): { parts: Part[]; charset: 'UTF-8' | undefined } {
  const parts: Part[] = [];
  let text = '';
  let keys = 0;
  let utf8 = false;

  function word(value: string): void {
    const flat = value.replaceAll(/[\r\n\0]+/g, ' ').slice(0, TEXT_LIMIT).toWellFormed();
    if (/^[\x20-\x7e]*$/.test(flat)) {
      text += ` "${flat.replaceAll(/["\\]/g, '\\$&')}"`;
      return;
    }
    utf8 = true;
    parts.push(`${text} `, Buffer.from(flat));
    text = '';
  }

  function put(one: SearchKey): void {
    keys += 1;
    if (keys > KEY_LIMIT) throw new CausewayError('input', `a search of more than ${KEY_LIMIT} keys`);
    switch (one.key) {
      case 'all':
        text += 'ALL';
        return;
      case 'and':
        return list(one.of);
      case 'or':
        return putOr(one.of);
      case 'not':
        text += 'NOT ';
        return put(one.of);
      case 'flag':
        text += flagKey(one.flag);
        return;
      case 'uid':
        text += `UID ${uidSet(one.uids)}`;
        return;
      case 'header':
        if (!/^[!-9;-~]{1,100}$/.test(one.name)) throw new CausewayError('input', 'a header field that cannot be searched');
        text += 'HEADER';
        word(one.name);
        return word(one.text);
      case 'larger':
      case 'smaller':
        if (!Number.isInteger(one.size) || one.size < 0) throw new CausewayError('input', 'a size that is none');
        text += `${one.key.toUpperCase()} ${Math.min(one.size, 0xffff_ffff)}`;
        return;
      case 'before':
      case 'since':
      case 'on':
        text += `${one.key.toUpperCase()} ${day(one.day)}`;
        return;
      default:
        text += one.key.toUpperCase();
        word(one.text);
    }
  }

  function list(of: readonly SearchKey[]): void {
    if (of.length === 0) return put({ key: 'all' });
    text += '(';
    of.forEach((one, index) => {
      if (index > 0) text += ' ';
      put(one);
    });
    text += ')';
  }

  /** OR takes two: halves, so that it is as deep as the number of keys has digits. */
  function putOr(of: readonly SearchKey[]): void {
    const [first] = of;
    if (first === undefined) return put({ key: 'not', of: { key: 'all' } });
    if (of.length === 1) return put(first);
    const half = Math.ceil(of.length / 2);
    text += 'OR ';
    putOr(of.slice(0, half));
    text += ' ';
    putOr(of.slice(half));
  }

  put(key);
  if (text !== '') parts.push(text);
  return { parts, charset: utf8 ? 'UTF-8' : undefined };
}

function flagKey(flag: string): string {
  if (/^\\(?:Seen|Answered|Flagged|Deleted|Draft)$/i.test(flag)) return flag.slice(1).toUpperCase();
  if (flag.startsWith('\\')) throw new CausewayError('input', 'a flag that cannot be searched');
  return `KEYWORD ${flagList([flag])}`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `1-Feb-1994`, of the day in UTC. */
function day(date: Date): string {
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() < 0 || date.getUTCFullYear() > 9999) throw new CausewayError('input', 'a date that cannot be searched');
  return `${date.getUTCDate()}-${MONTHS[date.getUTCMonth()]}-${String(date.getUTCFullYear()).padStart(4, '0')}`;
}
