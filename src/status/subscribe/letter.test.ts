import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAddress, type Letter, writeLetter } from './letter.ts';

const letter: Letter = {
  messageId: 'update-7-3@isp.example', from: { name: 'Ribera Móvil, S.A.', address: 'status@isp.example' }, to: 'jane@example.org',
  subject: '[Ribera] Sign-in fails: Cause found', language: 'en', at: Date.UTC(2026, 10, 26, 8, 4), text: 'One.\n\n.\nTwo: ñ.\n', unsubscribe: 'https://status.isp.example/unsubscribe/x',
};
const headOf = (bytes: Buffer): string => bytes.toString('latin1').split('\r\n\r\n')[0]!;
const namesOf = (bytes: Buffer): string[] => headOf(bytes).replaceAll(/\r\n[ \t]/g, ' ').split('\r\n').map((line) => line.split(':')[0]!);
const NAMES = ['Date', 'From', 'To', 'Subject', 'Message-ID', 'Auto-Submitted', 'Content-Language', 'List-Unsubscribe', 'List-Unsubscribe-Post', 'MIME-Version', 'Content-Type', 'Content-Transfer-Encoding'];

describe('a letter', () => {
  test('is one of RFC 5322, with a one-click end of RFC 8058', () => {
    const bytes = writeLetter(letter);
    expect(namesOf(bytes)).toEqual(NAMES);
    expect(headOf(bytes)).toContain('Date: Thu, 26 Nov 2026 08:04:00 +0000\r\nFrom: =?UTF-8?B?UmliZXJhIE3Ds3ZpbCwgUy5BLg==?= <status@isp.example>\r\nTo: <jane@example.org>\r\nSubject: [Ribera] Sign-in fails: Cause found\r\n');
    expect(headOf(bytes)).toContain('List-Unsubscribe: <https://status.isp.example/unsubscribe/x>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click');
    expect(Buffer.from(bytes.toString('latin1').split('\r\n\r\n')[1]!, 'base64').toString()).toBe('One.\r\n\r\n.\r\nTwo: ñ.\r\n');
  });

  test('whatever stands in title, name and text, the head has our fields and no line is long', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ unit: 'binary', maxLength: 2_000 }), (subject, name, text) => {
        const bytes = writeLetter({ ...letter, subject: `${subject}\r\nBcc: all@example.org`, from: { ...letter.from, name }, text });
        expect(namesOf(bytes)).toEqual(NAMES);
        const lines = bytes.toString('latin1').split('\r\n');
        expect(lines.every((line) => line.length <= 998 && /^[\x20-\x7e]*$/.test(line))).toBe(true);
        expect(lines).not.toContain('.');
      }),
    );
  });

  test('addresses that could be anything else are none', () => {
    for (const good of ['jane@example.org', "o'neil+status@mail.example.co", 'a@xn--mller-kva.example']) expect([good, isAddress(good)]).toEqual([good, true]);
    for (const bad of ['', 'jane', 'jane@', '@example.org', 'jane@localhost', 'jane@example.org>', 'jane@example.org\r\nRCPT TO:<b@example.org>', '"a b"@example.org', 'jane@[127.0.0.1]', 'a@example..org', `${'a'.repeat(65)}@example.org`, 'jane@example.org ', 'j<ne@example.org', 'a@b.example,c@d.example']) expect([bad, isAddress(bad)]).toEqual([bad, false]);
  });
});
