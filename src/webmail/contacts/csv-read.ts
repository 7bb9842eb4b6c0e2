/**
 * Contacts out of CSV (RFC 4180), as Google, Outlook, Thunderbird and spreadsheets write them.
 *
 * Invariants: never throws. Columns are known by their names; a file none of whose columns is known gives nothing.
 */
import type { Card, Label } from './api.ts';
import { cardOf } from './vcard-read.ts';

/** More than an account may have, and more columns than Outlook's 90. */
const ROWS = 20_000;
const COLUMNS = 300;

type Use = { readonly what: keyof Card | 'given' | 'middle' | 'family'; readonly label: Label };

export function readCsv(text: string): Card[] {
  const [header = [], ...rows] = rowsOf(text);
  const uses = header.map(useOf);
  // Of "Name" and "First name" in one file the first is the whole name.
  if (!uses.some((use) => use !== undefined && use.what !== 'groups' && use.what !== 'notes')) return [];
  return rows.flatMap((row) => cardOf(cardFrom(row, uses)) ?? []);
}

function cardFrom(row: readonly string[], uses: readonly (Use | undefined)[]): Card {
  const found: Record<Use['what'], { label: Label; text: string }[]> = { name: [], company: [], emails: [], phones: [], notes: [], groups: [], given: [], middle: [], family: [] };
  for (const [index, cell] of row.entries()) {
    const use = uses[index];
    if (use === undefined) continue;
    const several = use.what === 'emails' || use.what === 'phones' || use.what === 'groups';
    const parts = several ? cell.split(use.what === 'groups' ? / ::: |[;,]/ : ' ::: ') : [cell];
    for (const part of parts) if (part.trim() !== '') found[use.what].push({ label: use.label, text: part.trim() });
  }
  const text = (what: Use['what']): string[] => found[what].map((one) => one.text);
  return {
    name: text('name')[0] ?? [...text('given'), ...text('middle'), ...text('family')].join(' '),
    company: text('company')[0] ?? '',
    emails: found.emails.map((one) => ({ label: one.label, address: one.text })),
    phones: found.phones.map((one) => ({ label: one.label, number: one.text })),
    notes: text('notes').join('\n\n'),
    // Google's own, which is in every line: `* myContacts`.
    groups: text('groups').filter((group) => !group.startsWith('*')),
  };
}

/** A column by its name, in the languages of exports that we have seen: English, Spanish, German. */
function useOf(column: string): Use | undefined {
  const name = column.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, ' ').trim();
  const label: Label = /\b(?:mobile|cell|móvil|mobil)/u.test(name) ? 'mobile' : /\bfax\b/.test(name) ? 'fax' : /\b(?:business|work|trabajo|geschäftlich)\b/u.test(name) ? 'work' : /\b(?:home|casa|privat)\b/.test(name) ? 'home' : '';
  const use = (what: Use['what']): Use => ({ what, label });
  // `E-mail 1 - Type`, `E-mail Display Name`
  if (/\b(?:type|label|display|etiqueta|typ)\b/.test(name) && !/^display name$/.test(name)) return undefined;
  if (/e mail|\bemail|correo/.test(name)) return use('emails');
  if (/phone|mobile|\btel|fax|móvil|handy/u.test(name)) return use('phones');
  if (/^(?:display name|name|full name|nombre completo|anzeigename)$/.test(name)) return use('name');
  if (/^(?:first name|given name|nombre|vorname)$/.test(name)) return use('given');
  if (/^(?:middle name|additional name|segundo nombre)$/.test(name)) return use('middle');
  if (/^(?:last name|family name|surname|apellidos?|nachname)$/.test(name)) return use('family');
  if (/^(?:company|organi[sz]ation(?: name| 1 name)?|empresa|firma)$/.test(name)) return use('company');
  if (/^(?:notes?|notas?|notizen)$/.test(name)) return use('notes');
  if (/^(?:groups?|categories|group membership|labels|grupos?|categorías|kategorien|gruppen)$/u.test(name)) return use('groups');
  return undefined;
}

/** By the separator that the first line has most of. */
function rowsOf(text: string): string[][] {
  const body = text.replace(/^\ufeff/, '');
  const first = /^[^\r\n]*/.exec(body)?.[0] ?? '';
  const separator = [',', ';', '\t'].map((one) => [one, first.split(one).length] as const).sort((a, b) => b[1] - a[1])[0]![0];
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < body.length && rows.length <= ROWS) {
    const { cell, end } = cellAt(body, at, separator);
    if (row.length < COLUMNS) row.push(cell);
    if (body[end] === separator) {
      at = end + 1;
      continue;
    }
    if (row.some((one) => one !== '')) rows.push(row);
    row = [];
    at = end + (body.startsWith('\r\n', end) ? 2 : 1);
  }
  if (row.some((one) => one !== '')) rows.push(row);
  return rows;
}

/** @returns the cell, and where the separator or the end of the line behind it is */
function cellAt(body: string, start: number, separator: string): { cell: string; end: number } {
  let cell = '';
  let at = start;
  if (body[at] === '"') {
    for (at += 1; at < body.length; ) {
      const quote = body.indexOf('"', at);
      const stop = quote === -1 ? body.length : quote;
      cell += body.slice(at, stop);
      at = stop + 1;
      if (body[at] !== '"') break;
      cell += '"';
      at += 1;
    }
  }
  const from = Math.min(at, body.length);
  for (at = from; at < body.length && body[at] !== separator && body[at] !== '\n' && body[at] !== '\r'; ) at += 1;
  return { cell: cell + body.slice(from, at), end: at };
}
