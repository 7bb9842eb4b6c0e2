/** The items of a FETCH command, parsed once into functions that answer for one message each. */
import { CausewayError } from '#errors/index.ts';
import { formatInternalDate } from '#wire/imap/date.ts';
import { textOf, type Token } from '#wire/imap/tokens.ts';
import type { Mailbox, Message } from '../maildir/mailbox.ts';
import { envelope } from '../message/envelope.ts';
import { extract, needsOnlyHeader, parseSection, type Section } from '../message/section.ts';
import { structure } from '../message/structure.ts';
import type { Content } from './content.ts';

export type Item = {
  /** What stands before the value: `UID`, `BODY[TEXT]<0>`. */
  readonly label: string;
  /** Sets \Seen. */
  readonly reads?: boolean;
  /** The whole message, or a slice of it, straight from the file: the caller streams it. */
  readonly whole?: { readonly start: number; readonly count: number };
  /** The value in latin1. */
  readonly value?: (mailbox: Mailbox, message: Message, content: Content) => string;
};

const UID: Item = { label: 'UID', value: (_, message) => String(message.uid) };
const FLAGS: Item = { label: 'FLAGS', value: (mailbox, message) => `(${mailbox.keywords.flags(message.flags).join(' ')})` };
const DATE: Item = { label: 'INTERNALDATE', value: (mailbox, message) => `"${formatInternalDate(mailbox.secondsOf(message) * 1_000)}"` };
const SIZE: Item = { label: 'RFC822.SIZE', value: (mailbox, message) => String(mailbox.sizeOf(message)) };
const ENVELOPE: Item = { label: 'ENVELOPE', value: (_m, _, content) => envelope(content.fields()) };
const BODY: Item = { label: 'BODY', value: (_m, _, content) => structure(content.text(), content.mime(), false) };
const STRUCTURE: Item = { label: 'BODYSTRUCTURE', value: (_m, _, content) => structure(content.text(), content.mime(), true) };

const EVERYTHING = { start: 0, count: Infinity };

const SIMPLE = new Map<string, readonly Item[]>([
  ['UID', [UID]],
  ['FLAGS', [FLAGS]],
  ['INTERNALDATE', [DATE]],
  ['RFC822.SIZE', [SIZE]],
  ['ENVELOPE', [ENVELOPE]],
  ['BODY', [BODY]],
  ['BODYSTRUCTURE', [STRUCTURE]],
  ['FAST', [FLAGS, DATE, SIZE]],
  ['ALL', [FLAGS, DATE, SIZE, ENVELOPE]],
  ['FULL', [FLAGS, DATE, SIZE, ENVELOPE, BODY]],
  ['RFC822', [{ label: 'RFC822', reads: true, whole: EVERYTHING }]],
  ['RFC822.HEADER', [{ label: 'RFC822.HEADER', value: sectionValue(parseSection('HEADER'), EVERYTHING) }]],
  ['RFC822.TEXT', [{ label: 'RFC822.TEXT', reads: true, value: sectionValue(parseSection('TEXT'), EVERYTHING) }]],
]);

/** @throws CausewayError `protocol` */
export function parseItems(token: Token | undefined, byUid: boolean): Item[] {
  const tokens = token?.kind === 'list' ? token.items : [token];
  const items = tokens.flatMap((one) => parseItem(textOf(one)));
  return byUid && !items.includes(UID) ? [UID, ...items] : items;
}

function parseItem(text: string): readonly Item[] {
  const simple = SIMPLE.get(text.toUpperCase());
  if (simple) return simple;
  const match = /^BODY(\.PEEK)?\[([^]*)\](?:<(\d{1,10})\.(\d{1,10})>)?$/i.exec(text);
  if (!match) throw new CausewayError('protocol', 'Unknown item.');
  const section = parseSection(match[2] ?? '');
  const range = match[3] === undefined ? EVERYTHING : { start: Number(match[3]), count: Number(match[4]) };
  const label = `BODY[${nameOf(section)}]${match[3] === undefined ? '' : `<${Number(match[3])}>`}`;
  const reads = match[1] === undefined;
  if (section.path.length === 0 && section.what === '') return [{ label, reads, whole: range }];
  return [{ label, reads, value: sectionValue(section, range) }];
}

/** Written anew rather than echoed: nothing that a client put between the brackets goes out as it came. */
function nameOf({ path, what, fields }: Section): string {
  const names = fields.size > 0 ? ` (${[...fields].map((field) => field.toUpperCase()).join(' ')})` : '';
  return [...path.map(String), ...(what === '' ? [] : [what + names])].join('.');
}

function sectionValue(section: Section, { start, count }: { start: number; count: number }): NonNullable<Item['value']> {
  return (_mailbox, _message, content) => {
    const found = extract(needsOnlyHeader(section) ? content.head() : content.text(), section, section.path.length > 0 ? content.mime() : undefined);
    if (found === undefined) return 'NIL';
    const slice = found.slice(start, start + count);
    return `{${slice.length}}\r\n${slice}`;
  };
}
