import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Card, contactBody } from './api.ts';
import { readCsv } from './csv-read.ts';
import { readVcards, textOfFile } from './vcard-read.ts';
import { writeVcards } from './vcard-write.ts';

const crlf = (...lines: readonly string[]): string => lines.map((line) => `${line}\r\n`).join('');
const card = (over: Partial<Card> = {}): Card => ({ name: '', company: '', emails: [], phones: [], notes: '', groups: [], ...over });
const cards = (text: string): Card[] => readVcards(text).map((one) => one.card);

test('version 4.0, as in RFC 6350 section 8, with folded lines and what we keep without reading it', () => {
  const text = crlf(
    'BEGIN:VCARD',
    'VERSION:4.0',
    'FN:Simon Perreault',
    'N:Perreault;Simon;;;ing. jr,M.Sc.',
    'BDAY:--0203',
    'LANG;PREF=1:fr',
    'ORG;TYPE=work:Viagenie\\, Inc.;Research',
    'ADR;TYPE=work:;Suite D2-630;2875 Laurier;',
    ' Quebec;QC;G1V 2M2;Canada',
    'TEL;VALUE=uri;TYPE="work,voice";PREF=1:tel:+1-418-656-9254;ext=102',
    'EMAIL;TYPE=work:simon.perreault@viagenie.ca',
    'NOTE:Two\\nlines\\; and a comma\\, and so on',
    'PHOTO:data:image/jpeg;base64,AAAA',
    'CATEGORIES:friends,IETF\\, old',
    'END:VCARD',
  );
  const [read] = readVcards(text);
  expect(read?.card).toEqual({
    name: 'Simon Perreault',
    company: 'Viagenie, Inc., Research',
    emails: [{ label: 'work', address: 'simon.perreault@viagenie.ca' }],
    phones: [{ label: 'work', number: '+1-418-656-9254;ext=102' }],
    notes: 'Two\nlines; and a comma, and so on',
    groups: ['friends', 'IETF, old'],
  });
  expect(read?.rest.split('\n')).toEqual(['N:Perreault;Simon;;;ing. jr,M.Sc.', 'BDAY:--0203', 'LANG;PREF=1:fr', 'ADR;TYPE=work:;Suite D2-630;2875 Laurier;Quebec;QC;G1V 2M2;Canada']);
});

test('version 2.1 with quoted-printable over several lines, another charset, a card within the card, and bare parameters', () => {
  const text = crlf(
    'BEGIN:VCARD',
    'VERSION:2.1',
    'N;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:M=C3=BCller;J=C3=',
    '=B6rg',
    'FN;CHARSET=ISO-8859-1;QUOTED-PRINTABLE:J=F6rg M=FCller',
    'TEL;CELL:0170 123',
    'TEL;HOME;FAX:0711 1',
    'EMAIL;INTERNET;PREF:joerg@example.net',
    'AGENT:',
    'BEGIN:VCARD',
    'FN:Somebody else',
    'EMAIL:else@example.net',
    'END:VCARD',
    'NOTE;ENCODING=QUOTED-PRINTABLE:one=0D=0A=',
    ' two',
    'END:VCARD',
  );
  expect(cards(text)).toEqual([card({ name: 'Jörg Müller', phones: [{ label: 'mobile', number: '0170 123' }, { label: 'fax', number: '0711 1' }], emails: [{ label: '', address: 'joerg@example.net' }], notes: 'one\n two' })]);
});

test("Apple's and RFC 6350's groups are groups of their members; a name without FN is put together", () => {
  const text = crlf(
    'BEGIN:VCARD', 'VERSION:3.0', 'N:Doe;Jane;Q;;', 'item1.EMAIL;type=INTERNET:jane@example.net', 'item1.X-ABLabel:_$!<Other>!$_', 'UID:AA-1', 'END:VCARD',
    'BEGIN:VCARD', 'VERSION:3.0', 'FN:Choir', 'X-ADDRESSBOOKSERVER-KIND:group', 'X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:aa-1', 'END:VCARD',
    'BEGIN:VCARD', 'VERSION:4.0', 'FN:Board', 'KIND:group', 'MEMBER:urn:uuid:AA-1', 'END:VCARD',
  );
  expect(cards(text)).toEqual([card({ name: 'Jane Q Doe', emails: [{ label: '', address: 'jane@example.net' }], groups: ['Choir', 'Board'] })]);
});

test('files of other encodings', () => {
  const text = crlf('BEGIN:VCARD', 'FN:Jörg', 'END:VCARD');
  for (const bytes of [Buffer.from(text), Buffer.from(text, 'latin1'), Buffer.from(`\ufeff${text}`, 'utf16le'), Buffer.from(`\ufeff${text}`, 'utf16le').swap16(), Buffer.from(`\ufeff${text}`)]) {
    expect(cards(textOfFile(bytes)).map(({ name }) => name)).toEqual(['Jörg']);
  }
});

const hostile = fc.string({ unit: fc.constantFrom('a', 'ü', '🙂', ',', ';', ':', '\\', '"', '\n', '\r', '\r\n', 'END:VCARD', 'N:', '=', ' ', '\u2028'), maxLength: 60 });
const someCard = fc.record({
  name: hostile,
  company: hostile,
  emails: fc.array(fc.record({ label: fc.constantFrom('' as const, 'home' as const, 'work' as const), address: fc.emailAddress() }), { maxLength: 3 }),
  phones: fc.array(fc.record({ label: fc.constantFrom('' as const, 'mobile' as const, 'fax' as const), number: fc.string({ unit: fc.constantFrom('1', '+', ' ', ';', ','), minLength: 1, maxLength: 20 }).map((text) => `0${text}`) }), { maxLength: 3 }),
  notes: hostile,
  groups: fc.array(hostile.map((text) => `g${text.replaceAll(/[\r\n]/g, '')}`), { maxLength: 3 }),
});

test('what is written is read back, in both versions, and no text becomes a line of its own', () => {
  fc.assert(
    fc.property(fc.array(someCard, { minLength: 1, maxLength: 3 }), fc.constantFrom('3.0' as const, '4.0' as const), (some, version) => {
      const all = some.map((one) => contactBody.parse({ ...one, name: `x${one.name.replaceAll(/\s+/g, ' ')}`, company: one.company.replaceAll(/\s+/g, ' ') }));
      const text = writeVcards(all.map((one) => ({ card: one, rest: 'BDAY:1970-01-01' })), version);
      expect(text.split('\r\n').every((line) => Buffer.byteLength(line) <= 75)).toBe(true);
      const read = readVcards(text);
      expect(read.map((one) => one.card)).toEqual(
        all.map((one) => ({
          ...one,
          company: one.company.trim(),
          notes: one.notes.replaceAll(/\r\n|\r/g, '\n'),
          phones: one.phones.map(({ label, number }) => ({ label, number: number.replaceAll(/\s+/g, ' ').trim() })),
          groups: [...new Set(one.groups.map((group) => group.replaceAll(/\s+/gu, ' ').trim()))],
        })),
      );
      expect(read.every(({ rest }) => rest.includes('BDAY:1970-01-01'))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('any text is contacts that may be kept, or none, in little time', () => {
  const noise = fc.string({ unit: fc.constantFrom('BEGIN:VCARD\n', 'END:VCARD\n', 'FN:', 'N:', 'EMAIL;', 'TEL', ';', ':', ',', '=', '"', '\\', '\n', ' ', 'a@b.c', 'ENCODING=QUOTED-PRINTABLE', ':=\n', '\0', '\ud800', 'ü', 'item1.', 'CATEGORIES:', 'KIND:group\n', 'MEMBER:', 'Name,E-mail\n'), maxLength: 80 });
  fc.assert(
    fc.property(noise, (text) => {
      for (const one of [...cards(text), ...readCsv(text)]) {
        expect(contactBody.parse(one)).toEqual(one);
        expect(JSON.stringify(one)).not.toMatch(/\\u0000|\\ud[89a-f]/);
      }
    }),
    { numRuns: 1_000 },
  );
  for (const long of [`BEGIN:VCARD\nNOTE;QUOTED-PRINTABLE:${'=\n'.repeat(100_000)}`, `BEGIN:VCARD\nFN:${'\n '.repeat(200_000)}`, 'BEGIN:VCARD\n'.repeat(100_000), `${'"'.repeat(300_000)}:`, `${','.repeat(300_000)}\n`.repeat(2)]) {
    expect([cards(long).length, readCsv(long).length]).toEqual([0, 0]);
  }
});

test.each([
  ['Google', 'First Name,Middle Name,Last Name,Organization Name,Notes,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value\r\nJane,,Doe,ACME,"a ""b""\nc",Choir ::: * myContacts,Home,jane@example.net ::: jd@example.net,Mobile,+1 2\r\n', card({ name: 'Jane Doe', company: 'ACME', notes: 'a "b"\nc', groups: ['Choir'], emails: [{ label: '', address: 'jane@example.net' }, { label: '', address: 'jd@example.net' }], phones: [{ label: '', number: '+1 2' }] })],
  ['Outlook', '"First Name","Last Name","Company","Business Phone","Mobile Phone","Categories","E-mail Address","E-mail Type","E-mail Display Name"\n"Jane","Doe","ACME","1","2","Choir;Board","jane@example.net","SMTP","Jane"\n', card({ name: 'Jane Doe', company: 'ACME', groups: ['Choir', 'Board'], phones: [{ label: 'work', number: '1' }, { label: 'mobile', number: '2' }], emails: [{ label: '', address: 'jane@example.net' }] })],
  ['Thunderbird', 'First Name,Last Name,Display Name,Primary Email,Secondary Email,Work Phone\nJane,Doe,"Doe, Jane",jane@example.net,jd@example.net,1', card({ name: 'Doe, Jane', emails: [{ label: '', address: 'jane@example.net' }, { label: '', address: 'jd@example.net' }], phones: [{ label: 'work', number: '1' }] })],
  ['a spreadsheet in Spanish', '\ufeffNombre;Apellidos;Correo electrónico;Teléfono móvil;Notas\r\nJuan;Pérez;juan@example.net;6;Hola', card({ name: 'Juan Pérez', emails: [{ label: '', address: 'juan@example.net' }], phones: [{ label: 'mobile', number: '6' }], notes: 'Hola' })],
])('CSV of %s', (_, text, expected) => {
  expect(readCsv(text)).toEqual([expected]);
});

test('a CSV file of something else has no contacts', () => {
  expect(readCsv('date,amount\n2026-01-01,3\n')).toEqual([]);
  expect(readCsv('')).toEqual([]);
});
