/**
 * The parsed forms of header fields (RFC 8621 section 4.1.2): `header:Subject:asText`.
 *
 * Invariant: any value of any field has each form, if only null or empty.
 */
import { type Address, type Group, parseAddresses, parseGroups } from './addresses.ts';
import { decodeBare } from './charset.ts';
import { formatDate, parseDate } from './date.ts';
import { decodeWords } from './encoded-words.ts';
import { unfold } from './fields.ts';

export type Form = 'asRaw' | 'asText' | 'asAddresses' | 'asGroupedAddresses' | 'asMessageIds' | 'asDate' | 'asURLs';

export type HeaderProperty = { readonly name: string; readonly form: Form; readonly all: boolean };

const FORMS: readonly string[] = ['asRaw', 'asText', 'asAddresses', 'asGroupedAddresses', 'asMessageIds', 'asDate', 'asURLs'];

const ADDRESSES = ['from', 'sender', 'reply-to', 'to', 'cc', 'bcc', 'resent-from', 'resent-sender', 'resent-reply-to', 'resent-to', 'resent-cc', 'resent-bcc'];
const IDS = ['message-id', 'in-reply-to', 'references', 'resent-message-id'];
const DATES = ['date', 'resent-date'];
const URLS = ['list-help', 'list-unsubscribe', 'list-subscribe', 'list-post', 'list-owner', 'list-archive'];
const TEXTS = ['subject', 'comments', 'keywords', 'list-id'];
/** Fields of RFC 5322 and RFC 2369 that have no form but raw. */
const OTHERS = ['return-path', 'received'];

/** Which forms a field that the RFCs define may be asked for in; any other field may be asked for in all. */
const ALLOWED: ReadonlyMap<string, readonly Form[]> = new Map<string, readonly Form[]>([
  ...ADDRESSES.map((name) => [name, ['asRaw', 'asAddresses', 'asGroupedAddresses']] as [string, Form[]]),
  ...IDS.map((name) => [name, ['asRaw', 'asMessageIds']] as [string, Form[]]),
  ...DATES.map((name) => [name, ['asRaw', 'asDate']] as [string, Form[]]),
  ...URLS.map((name) => [name, ['asRaw', 'asURLs']] as [string, Form[]]),
  ...TEXTS.map((name) => [name, ['asRaw', 'asText']] as [string, Form[]]),
  ...OTHERS.map((name) => [name, ['asRaw']] as [string, Form[]]),
]);

/** `header:{name}[:as{Form}][:all]`. Undefined: it is none, or a form that the field may not be asked for in. */
export function parseHeaderProperty(property: string): HeaderProperty | undefined {
  const [prefix, name = '', ...rest] = property.split(':');
  if (prefix !== 'header' || !/^[!-9;-~]{1,200}$/.test(name)) return undefined;
  const all = rest.at(-1) === 'all';
  const forms = all ? rest.slice(0, -1) : rest;
  const [form = 'asRaw', ...more] = forms;
  if (more.length > 0 || !FORMS.includes(form)) return undefined;
  const allowed = ALLOWED.get(name.toLowerCase());
  return allowed !== undefined && !allowed.includes(form as Form) ? undefined : { name, form: form as Form, all };
}

export type FormValue = string | string[] | Address[] | Group[] | null;

/** @param raw undefined: the message has no such field */
export function inForm(raw: string | undefined, form: Form): FormValue {
  if (raw === undefined) return null;
  switch (form) {
    case 'asRaw':
      return Buffer.from(raw, 'latin1').toString().replaceAll('\0', '\u{fffd}');
    case 'asText':
      return decodeWords(unfold(raw)).normalize('NFC');
    case 'asAddresses':
      return parseAddresses(raw);
    case 'asGroupedAddresses':
      return parseGroups(raw);
    case 'asMessageIds':
      return messageIds(raw);
    case 'asDate': {
      const date = parseDate(unfold(raw));
      return date === undefined ? null : formatDate(date);
    }
    case 'asURLs': {
      const urls = [...unfold(raw).matchAll(/<([^<>\s]{1,4000})>/g)].map(([, url]) => text(url as string));
      return urls.length > 0 ? urls.slice(0, 100) : null;
    }
  }
}

/** Without their brackets. Some mailers write them without; a comment is no id. */
export function messageIds(raw: string): string[] | null {
  const value = unfold(raw).replaceAll(/\([^()<>]*\)/g, ' ');
  const bracketed = [...value.matchAll(/<\s*([^<>\s]{1,996})\s*>/g)].map(([, id]) => text(id as string));
  if (bracketed.length > 0) return bracketed.slice(0, 1_000);
  const bare = value.split(/\s+/).filter((word) => /^[^\s<>@]+@[^\s<>@]+$/.test(word));
  return bare.length > 0 ? bare.slice(0, 1_000).map(text) : null;
}

function text(value: string): string {
  return decodeBare(Buffer.from(value, 'latin1'));
}
