/**
 * Tells a message's body, which is streamed, from the literals that are kept.
 *
 * Invariant: only a BODY[] on the top level of a FETCH response counts, as the parser itself sees it, whatever names a
 * customer or a hostile server put into the strings before it.
 */
import { readBodyHead } from '#wire/imap/message-line.ts';
import { parseResponse, type Response } from '#wire/imap/response.ts';
import { isNil, type Line, textOf, type Token } from '#wire/imap/tokens.ts';

/** @returns for the literal that follows `line`: the message's UID where the server said it before; undefined: kept */
export function streamableBody(line: Line): { uid: number | undefined } | undefined {
  if (!isAtBody(line)) return undefined;
  const closed: Line = [...line, { literal: Buffer.alloc(0) }, Buffer.from(')')];
  let response: Response;
  try {
    response = parseResponse(closed);
  } catch {
    return undefined; // deeper than the top level, or garbage, which the whole line will show
  }
  const items = fetchItems(response);
  const body = items?.get('BODY[]');
  return body?.kind === 'string' && body.bytes.length === 0 ? { uid: uidOf(items) } : undefined;
}

/** Whether the literal that follows looks like a body: enough to choose its memory by. */
export function isAtBody(line: Line): boolean {
  const last = line.at(-1);
  if (!Buffer.isBuffer(last)) return false;
  return readBodyHead(last) !== undefined || /[( ]BODY\[\] $/i.test(last.toString('latin1', Math.max(0, last.length - 8)));
}

/** The response's UID and body, where it has nothing else and its plainest spelling; what is not so is for the parser of all responses. */
export function plainBody(line: Line): { readonly uid: number; readonly bytes: Buffer } | undefined {
  const [head, body, tail] = line;
  if (!Buffer.isBuffer(head) || body === undefined || Buffer.isBuffer(body) || !Buffer.isBuffer(tail)) return undefined;
  if (tail.length !== 1 || tail[0] !== CLOSE) return undefined;
  const uid = readBodyHead(head);
  return uid === undefined ? undefined : { uid, bytes: body.literal };
}

const CLOSE = 0x29;

/** A FETCH response's items by their names in upper case; undefined when it is none. */
export function fetchItems(response: Response): ReadonlyMap<string, Token> | undefined {
  if (response.kind !== 'data' || response.name !== 'FETCH') return undefined;
  const [list] = response.tokens;
  if (list?.kind !== 'list') return undefined;
  const items = new Map<string, Token>();
  for (let at = 0; at + 1 < list.items.length; at += 2) {
    const value = list.items[at + 1];
    if (value !== undefined) items.set(textOf(list.items[at]).toUpperCase(), value);
  }
  return items;
}

export function uidOf(items: ReadonlyMap<string, Token> | undefined): number | undefined {
  const token = items?.get('UID');
  return token === undefined || isNil(token) ? undefined : numberOf(token);
}

/** A number that JavaScript can hold exactly, else undefined. */
export function numberOf(token: Token | undefined): number | undefined {
  if (token?.kind !== 'atom' || !/^\d{1,16}$/.test(token.text)) return undefined;
  const number = Number(token.text);
  return Number.isSafeInteger(number) ? number : undefined;
}
