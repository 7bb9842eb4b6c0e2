/**
 * What a ManageSieve server sends (RFC 5804 section 1.2): lines of data that begin with a string, and the one that ends
 * the answer, `OK`, `NO` or `BYE` with an optional code in parentheses and a text, quoted or as a literal.
 */
import { CausewayError } from '#errors/index.ts';
import { type Line, parseLine, textOf, type Token } from '../imap/tokens.ts';

export type Status = {
  readonly status: 'OK' | 'NO' | 'BYE';
  /** In upper case: `TRYLATER`, `QUOTA/MAXSIZE`, `TAG`. */
  readonly code: string | undefined;
  /** What follows the code within the parentheses: the tag of NOOP, the URL of REFERRAL. */
  readonly parameter: string | undefined;
  readonly text: string;
};

export type Response = ({ readonly kind: 'status' } & Status) | { readonly kind: 'data'; readonly words: readonly Token[] };

/** Lists within a code are known to no standard yet; a line has a name, a value and no more. */
const LIMITS = { nesting: 4, tokens: 32 };
const STATUS = /^(?:OK|NO|BYE)$/;

/** Throws CausewayError 'protocol' or 'limit' for what is no line of an answer. */
export function parseResponse(line: Line): Response {
  const words = parseLine(line, LIMITS);
  const [first, ...rest] = words;
  if (first?.kind === 'string') return { kind: 'data', words };
  const status = first?.kind === 'atom' ? first.text.toUpperCase() : '';
  if (!STATUS.test(status)) throw new CausewayError('protocol', 'expected OK, NO, BYE or a string');
  const list = rest[0]?.kind === 'list' ? rest[0].items : undefined;
  const [text, ...more] = list === undefined ? rest : rest.slice(1);
  if (more.length > 0 || (text !== undefined && text.kind !== 'string')) throw new CausewayError('protocol', 'expected one string behind the status');
  const [code, parameter] = list ?? [];
  if (list !== undefined && code?.kind !== 'atom') throw new CausewayError('protocol', 'expected a code in the parentheses');
  return {
    kind: 'status',
    status: status as Status['status'],
    code: code === undefined ? undefined : textOf(code).toUpperCase(),
    parameter: parameter === undefined || parameter.kind === 'list' ? undefined : textOf(parameter),
    text: text === undefined ? '' : textOf(text),
  };
}

/** A line of the answer to CAPABILITY: its name in upper case, and its value; undefined for a line that is none. */
export function capabilityOf(words: readonly Token[]): { readonly name: string; readonly value: string | undefined } | undefined {
  const [name, value, ...more] = words;
  if (name?.kind !== 'string' || more.length > 0 || (value !== undefined && value.kind !== 'string')) return undefined;
  return { name: textOf(name).toUpperCase(), value: value === undefined ? undefined : textOf(value) };
}
