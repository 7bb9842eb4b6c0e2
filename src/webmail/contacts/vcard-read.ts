/**
 * Contacts out of vCards 2.1, 3.0 and 4.0, also those of Apple, Google, Outlook and Android.
 *
 * Invariants: never throws: what is no vCard gives nothing. What a card says and we do not know is kept as lines (`rest`)
 * and given back by an export; pictures are not. Groups that are cards of their own (RFC 6350 section 6.1.4) become groups
 * of their members.
 */
import { decodeBare, decodeCharset } from '../mime/charset.ts';
import { type Card, emailEntry, type Label, MOST_OF_EACH } from './api.ts';
import { type Property, propertiesOf, splitText, unescapeText } from './vcard-lines.ts';

export type Read = { readonly card: Card; readonly rest: string };

/** Characters of one line that we keep without reading it: an address or a key; what is longer is a picture. */
const LINE_LIMIT = 2_000;
/** Of all such lines of a card. */
const REST_LIMIT = 8_000;
/** Cards that one file may hold: more than an account may. */
const CARD_LIMIT = 20_000;
/** What an export writes anew. */
const OURS = new Set(['BEGIN', 'END', 'VERSION', 'FN', 'EMAIL', 'TEL', 'NOTE', 'ORG', 'CATEGORIES', 'PRODID', 'REV', 'PHOTO', 'LOGO', 'SOUND', 'X-ABLABEL', 'AGENT']);

/** The text of a file: by its byte order mark, UTF-8, or else what Windows wrote. */
export function textOfFile(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.subarray(2).toString('utf16le');
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return decodeCharset(bytes.subarray(2), 'utf-16be').text;
  return decodeBare(bytes);
}

export function readVcards(text: string): Read[] {
  const all = cardsOf(propertiesOf(text));
  const groups = groupsByMember(all.filter(isGroup));
  return all.filter((properties) => !isGroup(properties)).flatMap((properties) => contactOf(properties, groups.get(uidOf(properties)) ?? []) ?? []);
}

/** A card within a card (AGENT of vCard 2.1) is passed over. */
function cardsOf(properties: readonly Property[]): Property[][] {
  const cards: Property[][] = [];
  let depth = 0;
  for (const property of properties) {
    const isCard = property.value.trim().toUpperCase() === 'VCARD';
    if (property.name === 'BEGIN' && isCard) {
      depth += 1;
      if (depth === 1) cards.push([]);
      if (cards.length > CARD_LIMIT) return cards.slice(0, CARD_LIMIT);
    } else if (property.name === 'END' && isCard) depth = Math.max(0, depth - 1);
    else if (depth === 1) cards.at(-1)!.push(property);
  }
  return cards;
}

const valueOf = (properties: readonly Property[], name: string): string => unescapeText(properties.find((one) => one.name === name)?.value ?? '').trim();
const isGroup = (properties: readonly Property[]): boolean => ['KIND', 'X-ADDRESSBOOKSERVER-KIND'].some((name) => valueOf(properties, name).toLowerCase() === 'group');
const uidOf = (properties: readonly Property[]): string => valueOf(properties, 'UID').replace(/^urn:uuid:/i, '').toLowerCase();

function groupsByMember(groups: readonly (readonly Property[])[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const properties of groups) {
    const name = valueOf(properties, 'FN');
    for (const { name: what, value } of properties) {
      if (what !== 'MEMBER' && what !== 'X-ADDRESSBOOKSERVER-MEMBER') continue;
      const uid = value.trim().replace(/^urn:uuid:/i, '').toLowerCase();
      found.set(uid, [...(found.get(uid) ?? []), name]);
    }
  }
  return found;
}

function contactOf(properties: readonly Property[], groups: readonly string[]): Read | undefined {
  const [family = '', given = '', ...others] = splitText(properties.find(({ name }) => name === 'N')?.value ?? '', ';').map((part) => part.trim());
  const emails = properties.filter(({ name }) => name === 'EMAIL').map((one) => ({ label: labelOf(one), address: unescapeText(one.value).trim().replace(/^mailto:/i, '') }));
  const company = splitText(properties.find(({ name }) => name === 'ORG')?.value ?? '', ';').filter((part) => part.trim() !== '').join(', ');
  const card = cardOf({
    name: valueOf(properties, 'FN') || [given, others[0] ?? '', family].filter((part) => part !== '').join(' ') || valueOf(properties, 'NICKNAME'),
    company,
    emails,
    phones: properties.filter(({ name }) => name === 'TEL').map((one) => ({ label: labelOf(one), number: unescapeText(one.value).trim().replace(/^tel:/i, '') })),
    notes: properties.filter(({ name }) => name === 'NOTE').map(({ value }) => unescapeText(value)).join('\n\n'),
    groups: [...groups, ...properties.filter(({ name }) => name === 'CATEGORIES').flatMap(({ value }) => splitText(value, ','))],
  });
  return card === undefined ? undefined : { card, rest: restOf(properties) };
}

function restOf(properties: readonly Property[]): string {
  const lines: string[] = [];
  let room = REST_LIMIT;
  for (const { name, value, parameters, line } of properties) {
    // Of an encoding that versions 3.0 and 4.0 have not, the line is written anew.
    const encoded = parameters.get('ENCODING')?.[0]?.toUpperCase() === 'QUOTED-PRINTABLE';
    const kept = encoded ? `${name}:${value.replaceAll(/\r?\n/g, '\\n')}` : line;
    if (OURS.has(name) || kept.length > LINE_LIMIT || kept.length > room || /[\p{Cc}]/u.test(kept.replaceAll('\t', ' '))) continue;
    room -= kept.length + 1;
    lines.push(kept);
  }
  return lines.join('\n');
}

function labelOf({ parameters }: Property): Label {
  const types = new Set(parameters.get('TYPE')?.flatMap((type) => type.toLowerCase().split(',')));
  if (types.has('cell') || types.has('mobile')) return 'mobile';
  if (types.has('fax')) return 'fax';
  if (types.has('work')) return 'work';
  return types.has('home') ? 'home' : '';
}

/** What was read, cut to what a contact may be; undefined when nothing is left that would name somebody. */
export function cardOf({ name, company, emails, phones, notes, groups }: Card): Card | undefined {
  const oneLine = (text: string, most: number): string => cut(text.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim(), most).trim();
  const card: Card = {
    name: oneLine(name, 200),
    company: oneLine(company, 200),
    emails: emails.flatMap((one) => emailEntry.safeParse(one).data ?? []).slice(0, MOST_OF_EACH),
    phones: phones.map((one) => ({ ...one, number: oneLine(one.number, 60) })).filter(({ number }) => number !== '').slice(0, MOST_OF_EACH),
    // oxlint-disable-next-line no-control-regex -- they are what is taken out
    notes: cut(notes.replaceAll(/[\0-\x08\x0b-\x1f]/g, ''), 5_000),
    groups: [...new Set(groups.map((group) => oneLine(group, 100)).filter((group) => group !== ''))].slice(0, MOST_OF_EACH),
  };
  return card.name === '' && card.company === '' && card.emails.length === 0 && card.phones.length === 0 ? undefined : card;
}

/** No half of a surrogate pair is left, and none was there: what is kept is text. */
function cut(text: string, most: number): string {
  return text.slice(0, most).toWellFormed().replace(/\ufffd$/, '');
}
