/**
 * POP3's unique ids (RFC 1939 section 7), and those under which an account's messages go on after a move.
 *
 * Invariants: a message that clients know keeps the id that they know it by. Any other has the id of its own platform,
 * unless clients may know that as another message's: then it gets a mark, and is still the same each time. No two ids of a
 * platform become one.
 */
import { createHash } from 'node:crypto';

/** Section 7: one to 70 characters from `!` to `~`. */
const ID = /^[\x21-\x7e]{1,70}$/;

export const isUniqueId = (text: string): boolean => ID.test(text);

/** A line of the answer to UIDL, or what follows `+OK ` in that of one line. Undefined for what is none. */
export function parseUidl(text: string): { readonly number: number; readonly id: string } | undefined {
  const [, number, id = ''] = /^(\d{1,10}) +([\x21-\x7e]+) *$/.exec(text) ?? [];
  return number === undefined ? undefined : { number: Number(number), id };
}

/** For the messages that came by one move, at their new platform. */
export type KeptIds = {
  /** The platform's own id of a message → the one that clients know, where they differ. */
  readonly kept: ReadonlyMap<string, string>;
  /** Of the move's flip: an account's moves have different ones. */
  readonly epoch: number;
  /** The platform gives out ids that clients know as other messages' (both platforms number from 1, say): all its own are marked. */
  readonly marked: boolean;
};

export type Translate = (own: string) => string;

/** @returns what turns a platform's own ids into those that clients get */
export function createTranslate({ kept, epoch, marked }: KeptIds): Translate {
  const known = new Set(kept.values());
  return (own) => {
    const id = kept.get(own);
    if (id !== undefined) return id;
    if (!marked && !known.has(own)) return own;
    const mark = `${epoch}~`;
    const plain = `${mark}${own}`;
    // Somebody's platform may give out ids of just this form; 32 bytes of a digest it does not.
    return isUniqueId(plain) && !known.has(plain) ? plain : digestId(mark, own);
  };
}

const digestId = (mark: string, own: string): string => `${mark}${createHash('sha256').update(own, 'latin1').digest('base64url')}`;

/** Lines `own kept`. */
export function formatKept(kept: ReadonlyMap<string, string>): string {
  return [...kept].map(([own, id]) => `${own} ${id}\n`).join('');
}

/** @returns undefined for a text that `formatKept` did not write whole */
export function parseKept(text: string): Map<string, string> | undefined {
  const kept = new Map<string, string>();
  if (text === '') return kept;
  if (!text.endsWith('\n')) return undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    const [own = '', id = '', ...more] = line.split(' ');
    if (more.length > 0 || own === '' || !isUniqueId(id)) return undefined;
    kept.set(own, id);
  }
  return kept;
}
