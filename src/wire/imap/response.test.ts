import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import { createImapReader } from './reader.ts';
import { parseResponse, type Response } from './response.ts';
import { type Line, textOf, type Token } from './tokens.ts';

/** Reads a transcript as a client does. */
function responses(transcript: string): Response[] {
  const reader = createImapReader({ literal: 1e6 }, 'server');
  reader.push(Buffer.from(transcript, 'latin1'));
  const found: Response[] = [];
  let line: Line = [];
  for (let piece = reader.read(); piece !== undefined; piece = reader.read()) {
    line.push(piece.kind === 'literal' ? { literal: piece.bytes } : piece.bytes);
    if (piece.kind === 'text' && piece.literal === undefined) {
      found.push(parseResponse(line));
      line = [];
    }
  }
  return found;
}

const one = (line: string): Response | undefined => responses(`${line}\r\n`)[0];
const atoms = (...texts: string[]): Token[] => texts.map((text) => ({ kind: 'atom', text }));

describe('statuses', () => {
  it('of a Dovecot greeting and login', () => {
    expect(one('* OK [CAPABILITY IMAP4rev1 SASL-IR LITERAL+ AUTH=PLAIN] Dovecot (Debian) ready.')).toEqual({
      kind: 'status',
      status: 'OK',
      code: { name: 'CAPABILITY', tokens: atoms('IMAP4rev1', 'SASL-IR', 'LITERAL+', 'AUTH=PLAIN') },
      text: 'Dovecot (Debian) ready.',
    });
    expect(one('A1 NO [AUTHENTICATIONFAILED] Authentication failed.')).toEqual({
      kind: 'tagged',
      tag: 'A1',
      status: 'NO',
      code: { name: 'AUTHENTICATIONFAILED', tokens: [] },
      text: 'Authentication failed.',
    });
  });

  it('of a SELECT', () => {
    const found = responses(
      [
        String.raw`* FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Forwarded)`,
        String.raw`* OK [PERMANENTFLAGS (\Answered \Deleted \*)] Flags permitted.`,
        '* 172 EXISTS',
        '* OK [UIDVALIDITY 3857529045] UIDs valid',
        '* OK [HIGHESTMODSEQ 90060115205545359]',
        'A142 OK [READ-WRITE] Select completed (0.001 + 0.000 secs).',
        '',
      ].join('\r\n'),
    );
    expect(found.map((response) => ('code' in response ? response.code?.name : response.kind === 'data' && response.name))).toEqual([
      'FLAGS', 'PERMANENTFLAGS', 'EXISTS', 'UIDVALIDITY', 'HIGHESTMODSEQ', 'READ-WRITE',
    ]);
    expect(found[1]).toMatchObject({ code: { tokens: [{ kind: 'list', items: atoms('\\Answered', '\\Deleted', '\\*') }] } });
    expect(found[2]).toEqual({ kind: 'data', name: 'EXISTS', number: 172, tokens: [] });
    expect(found[4]).toMatchObject({ code: { tokens: atoms('90060115205545359') }, text: '' });
  });

  it('with the UIDs of an APPEND, a COPY', () => {
    expect(one('a OK [APPENDUID 38505 3955] done')).toMatchObject({ code: { name: 'APPENDUID', tokens: atoms('38505', '3955') } });
    expect(one('a OK [COPYUID 38505 304,319:320 3956:3958] Done')).toMatchObject({ code: { tokens: atoms('38505', '304,319:320', '3956:3958') } });
  });

  it('with no text, no code, small letters, NULs before', () => {
    expect(one('a OK')).toEqual({ kind: 'tagged', tag: 'a', status: 'OK', text: '' });
    expect(one('a OK ')).toEqual({ kind: 'tagged', tag: 'a', status: 'OK', text: '' });
    expect(one('* ok')).toEqual({ kind: 'status', status: 'OK', text: '' });
    expect(one('\0\0* bye Session expired')).toEqual({ kind: 'status', status: 'BYE', text: 'Session expired' });
    expect(one('* PREAUTH ')).toEqual({ kind: 'status', status: 'PREAUTH', text: '' });
  });

  it('with codes outside of the grammar', () => {
    expect(one('* NO [ALERT] Please log in via your web browser: https://support.google.com/ [x] (Failure)')).toMatchObject({
      code: { name: 'ALERT', tokens: [] },
      text: 'Please log in via your web browser: https://support.google.com/ [x] (Failure)',
    });
    expect(one('a NO [X "unclosed ] text')).toMatchObject({ code: { name: 'X', tokens: atoms('"unclosed') }, text: 'text' });
    expect(one('a NO [X (a] text')).toMatchObject({ code: { name: 'X', tokens: atoms('(a') }, text: 'text' });
    expect(one('a NO [BADCHARSET ("a]b" UTF-8)] text')).toMatchObject({ code: { name: 'BADCHARSET' }, text: 'text' });
    expect(one('a NO [REFERRAL imap://u;AUTH=*@h/] go')).toMatchObject({ code: { tokens: atoms('imap://u;AUTH=*@h/') } });
    expect(one('a NO [never closed')).toEqual({ kind: 'tagged', tag: 'a', status: 'NO', text: '[never closed' });
    expect(one('a NO [] text')).toMatchObject({ code: { name: '', tokens: [] }, text: 'text' });
    expect(one('a BAD Request is throttled. Suggested Backoff Time: 299961 milliseconds')).toMatchObject({ status: 'BAD' });
  });

  it('whose text ends in what looks like a literal', () => {
    expect(responses("a NO [NONEXISTENT] Mailbox doesn't exist: x{9}\r\n* BYE\r\n")).toHaveLength(2);
  });
});

describe('continuation requests', () => {
  it('with text, without, without the space', () => {
    expect([one('+ OK'), one('+ '), one('+'), one('+idling')].map((found) => found?.kind === 'continuation' && found.text)).toEqual([
      'OK', '', '', 'idling',
    ]);
  });
});

describe('data', () => {
  it('of mailboxes', () => {
    expect(one('* LIST (\\HasNoChildren \\Sent) "/" INBOX')).toMatchObject({ name: 'LIST', tokens: [{}, {}, { text: 'INBOX' }] });
    const [listed] = responses('* LIST () NIL {5}\r\nIN"\xe9x\r\n');
    expect(listed).toMatchObject({ tokens: [{ items: [] }, { text: 'NIL' }, { bytes: Buffer.from('IN"\xe9x', 'latin1') }] });
    expect(one('* STATUS blurdybloop (MESSAGES 231 UIDNEXT 44292)')).toMatchObject({ name: 'STATUS' });
    expect(one('* NAMESPACE (("" "/")) NIL (("#shared/" "/"))')).toMatchObject({ tokens: [{ kind: 'list' }, { text: 'NIL' }, { kind: 'list' }] });
  });

  it('of searches, with nothing found too', () => {
    expect(one('* SEARCH')).toEqual({ kind: 'data', name: 'SEARCH', tokens: [] });
    expect(one('* SEARCH ')).toEqual({ kind: 'data', name: 'SEARCH', tokens: [] });
    expect(one('* search 2 84 882')).toMatchObject({ name: 'SEARCH', tokens: atoms('2', '84', '882') });
    expect(one('* ESEARCH (TAG "a") UID ALL 1:3')).toMatchObject({ name: 'ESEARCH' });
    expect(one('* VANISHED (EARLIER) 41,43:116')).toMatchObject({ name: 'VANISHED' });
  });

  it('of messages, with bodies as literals, partial, quoted, NIL', () => {
    const [literal, partial, quoted, nil] = responses(
      '* 5 FETCH (UID 9 FLAGS (\\Seen $x) INTERNALDATE " 7-Jul-1996 02:44:25 -0700" RFC822.SIZE 4 BODY[] {4}\r\na\r\n) BODY[HEADER] {0}\r\n)\r\n' +
        '* 5 FETCH (BODY[]<0> {2}\r\nab)\r\n* 6 FETCH (BODY[TEXT] "x" UID 1)\r\n* 7 FETCH (BODY[] NIL)\r\n',
    );
    const texts = (response: Response | undefined): unknown[] => {
      const list = response?.kind === 'data' ? response.tokens[0] : undefined;
      return list?.kind === 'list' ? list.items.map((item) => (item.kind === 'list' ? item.items.map(textOf) : textOf(item))) : [];
    };
    expect(literal).toMatchObject({ name: 'FETCH', number: 5 });
    expect(texts(literal)).toEqual([
      'UID', '9', 'FLAGS', ['\\Seen', '$x'], 'INTERNALDATE', ' 7-Jul-1996 02:44:25 -0700', 'RFC822.SIZE', '4', 'BODY[]', 'a\r\n)', 'BODY[HEADER]', '',
    ]);
    expect(texts(partial)).toEqual(['BODY[]<0>', 'ab']);
    expect(texts(quoted)).toEqual(['BODY[TEXT]', 'x', 'UID', '1']);
    expect(texts(nil)).toEqual(['BODY[]', 'NIL']);
  });

  it('of nested structures', () => {
    const structure = one(
      '* 1 FETCH (BODYSTRUCTURE (("TEXT" "PLAIN" ("CHARSET" "UTF-8") NIL NIL "7BIT" 1152 23)("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 4554 ' +
        '("Mon, 7 Feb 1994" "caf\xe9 [x]" (("Fred" NIL "foobar" "x.example"))NIL NIL NIL NIL NIL NIL "<B27397-0100000@x>") ("TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 1) 73) "MIXED" ("BOUNDARY" "=_a(b") NIL NIL))',
    );
    expect(structure).toMatchObject({ name: 'FETCH', number: 1, tokens: [{ kind: 'list', items: [{ text: 'BODYSTRUCTURE' }, { kind: 'list' }] }] });
  });
});

describe('anything else', () => {
  it('is refused', () => {
    for (const text of ['*', '* ', '* 5', '* (x)', 'a', 'a FETCH', 'a BYE', 'junk line here', '* 1 FETCH (', '* 99999999999 EXISTS', '\0']) {
      expect(() => parseResponse([Buffer.from(text)]), text).toThrow(CausewayError);
    }
    expect(() => parseResponse([])).toThrow(CausewayError);
    expect(() => parseResponse([{ literal: Buffer.from('* OK') }])).toThrow(CausewayError);
  });

  it('is a response or a CausewayError, whatever the bytes', () => {
    const start = fc.constantFrom('', '* ', 'a OK [', '* NO [X ', '* 1 FETCH (', '+ ', '* LIST (');
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 60 }), fc.uint8Array({ maxLength: 5 }), (before, bytes, literal) => {
        try {
          parseResponse([Buffer.concat([Buffer.from(before), bytes]), { literal: Buffer.from(literal) }, Buffer.from(')')]);
        } catch (error) {
          expect(error).toBeInstanceOf(CausewayError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
