/**
 * Contacts as vCards 3.0 (RFC 2426, which every program reads) or 4.0 (RFC 6350).
 *
 * Invariants: no text ends a line or begins a property. Lines are folded at 75 octets, never within a character. What the
 * card came with and we do not know is given back, without what belongs to another version.
 */
import type { Card, Label } from './api.ts';

export type Version = '3.0' | '4.0';

/** RFC 6350 section 3.2: octets, without the end of the line. */
const LINE_OCTETS = 75;

export function writeVcards(all: readonly { readonly card: Card; readonly rest: string }[], version: Version): string {
  return all.map((one) => writeOne(one, version)).join('');
}

function writeOne({ card, rest }: { readonly card: Card; readonly rest: string }, version: Version): string {
  const kept = rest === '' ? [] : rest.split('\n');
  const name = card.name || card.company || card.emails[0]?.address || card.phones[0]?.number || '';
  const typed = (label: Label): string => (label === '' ? '' : `;TYPE=${TYPES[version][label]}`);
  const lines = [
    'BEGIN:VCARD',
    `VERSION:${version}`,
    `FN:${escape(name)}`,
    ...(kept.some((line) => /^N[;:]/i.test(line)) ? [] : [`N:${structured(card.name)}`]),
    ...(card.company === '' ? [] : [`ORG:${escape(card.company)}`]),
    ...card.emails.map(({ label, address }) => `EMAIL${version === '3.0' && label === '' ? ';TYPE=INTERNET' : typed(label)}:${escape(address)}`),
    ...card.phones.map(({ label, number }) => `TEL${typed(label)}:${escape(number)}`),
    ...(card.notes === '' ? [] : [`NOTE:${escape(card.notes)}`]),
    ...(card.groups.length === 0 ? [] : [`CATEGORIES:${card.groups.map(escape).join(',')}`]),
    ...kept,
    'END:VCARD',
  ];
  return lines.map((line) => `${fold(line)}\r\n`).join('');
}

const TYPES: Readonly<Record<Version, Readonly<Record<Exclude<Label, ''>, string>>>> = {
  '3.0': { home: 'HOME', work: 'WORK', mobile: 'CELL', fax: 'FAX' },
  '4.0': { home: 'home', work: 'work', mobile: 'cell', fax: 'fax' },
};

/** RFC 6350 section 3.4. */
function escape(text: string): string {
  return text.replaceAll(/[\\,;]/g, '\\$&').replaceAll(/\r\n|\r|\n/g, '\\n');
}

/** Family name; given names. The last word is the family name, as most of our customers' languages have it. */
function structured(name: string): string {
  const words = name.split(' ').filter((word) => word !== '');
  const family = words.length > 1 ? words.pop()! : '';
  return `${escape(family)};${escape(words.join(' '))};;;`;
}

function fold(line: string): string {
  if (Buffer.byteLength(line) <= LINE_OCTETS) return line;
  const parts: string[] = [];
  let part = '';
  let octets = 0;
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (octets + size > LINE_OCTETS) {
      parts.push(part);
      part = '';
      octets = 1; // the space that begins the next
    }
    part += character;
    octets += size;
  }
  return [...parts, part].join('\r\n ');
}
