import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import { createImapReader } from '#wire/imap/reader.ts';
import type { Line } from '#wire/imap/tokens.ts';
import { parseCommand } from '#wire/imap/command.ts';
import { converse } from '../scripted-server.testing.ts';
import { compile, type SearchKey } from './search.ts';

const SORTING = { greeting: '* OK [CAPABILITY IMAP4rev1 LITERAL+ ESEARCH SORT] ready\r\n' };

test('what was typed goes quoted, or as a literal with the charset named', () =>
  converse(
    async (peer) => {
      await peer.play('C: A1 UID SEARCH (NOT DELETED FROM "a\\"b\\\\ A9 DELETE INBOX" LARGER 5)', 'S: * SEARCH 7 2', 'S: A1 OK done');
      await peer.play('C: A2 UID SEARCH CHARSET UTF-8 OR (SUBJECT {5+}', `C: ${Buffer.from('grün').toString('latin1')} BODY "x") NOT KEYWORD $Junk`, 'S: * SEARCH', 'S: A2 OK done');
    },
    async (connection) => {
      const first = connection.uidSearch({ key: 'and', of: [{ key: 'not', of: { key: 'flag', flag: '\\Deleted' } }, { key: 'from', text: 'a"b\\\r\nA9 DELETE INBOX' }, { key: 'larger', size: 5 }] });
      await expect(first).resolves.toEqual([2, 7]);
      await expect(connection.uidSearch({ key: 'or', of: [{ key: 'and', of: [{ key: 'subject', text: 'grün' }, { key: 'body', text: 'x' }] }, { key: 'not', of: { key: 'flag', flag: '$Junk' } }] })).resolves.toEqual([]);
    },
  ));

test('ESEARCH and SORT, with a set for a million and in the order of the answer', () =>
  converse(
    async (peer) => {
      await peer.play('C: A1 UID SEARCH RETURN (ALL) ALL', 'S: * ESEARCH (TAG "A1") UID ALL 3:5,9', 'S: A1 OK done');
      await peer.play('C: A2 UID SEARCH RETURN (ALL) SINCE 1-Feb-1994', 'S: * ESEARCH (TAG "A2") UID', 'S: A2 OK done');
      await peer.play('C: A3 UID SORT (REVERSE ARRIVAL SUBJECT) US-ASCII UID 1:9', 'S: * SORT 9 3 4 (MODSEQ 12)', 'S: A3 OK done');
      await peer.play('C: A4 UID SEARCH RETURN (ALL) ALL', 'S: * ESEARCH (TAG "A4") UID ALL 1:4294967295');
    },
    async (connection) => {
      await expect(connection.uidSearch({ key: 'all' })).resolves.toEqual([3, 4, 5, 9]);
      await expect(connection.uidSearch({ key: 'since', day: new Date('1994-02-01T23:00:00Z') })).resolves.toEqual([]);
      await expect(connection.uidSort([{ by: 'ARRIVAL', reverse: true }, { by: 'SUBJECT', reverse: false }], { key: 'uid', uids: '1:9' })).resolves.toEqual([9, 3, 4]);
      await expect(connection.uidSearch({ key: 'all' })).rejects.toMatchObject({ code: 'protocol' });
    },
    SORTING,
  ));

test('answers that come in another order are told apart by their tags', () =>
  converse(
    async (peer) => {
      await peer.play('C: A1 UID SEARCH RETURN (ALL) SEEN', 'C: A2 UID SEARCH RETURN (ALL) ALL');
      await peer.play('S: * ESEARCH (TAG "A2") UID ALL 1:9', 'S: * ESEARCH (TAG "A1") UID ALL 3', 'S: A2 OK done', 'S: A1 OK done');
    },
    async (connection) => {
      await expect(Promise.all([connection.uidSearch({ key: 'flag', flag: '\\Seen' }), connection.uidSearch({ key: 'all' })])).resolves.toEqual([[3], [1, 2, 3, 4, 5, 6, 7, 8, 9]]);
    },
    SORTING,
  ));

/** What a server reads of the command: its tokens, through our own reader and parser. */
function read(parts: ReturnType<typeof compile>['parts']): unknown {
  const bytes = Buffer.concat([
    Buffer.from('A1 SEARCH '),
    ...parts.map((part) => (Buffer.isBuffer(part) ? Buffer.concat([Buffer.from(`{${part.length}+}\r\n`), part]) : Buffer.from(part as string))),
    Buffer.from('\r\n'),
  ]);
  const reader = createImapReader({ literal: 100_000 });
  reader.push(bytes);
  const line: Line = [];
  let lines = 0;
  for (let piece = reader.read(); piece !== undefined; piece = reader.read()) {
    if (piece.kind === 'literal') {
      line.push({ literal: piece.bytes });
      continue;
    }
    line.push(piece.bytes);
    if (piece.literal === undefined) lines += 1;
  }
  expect([lines, reader.rest().length]).toEqual([1, 0]);
  return parseCommand(line).args;
}

test('whatever is typed, a search is one command with as many words, and the words are what was typed', () => {
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 20 }), fc.constantFrom('{3+}\r\nabc', '"', '\\', ') OR (ALL', '\r\nA2 LOGOUT', 'a\0b', '\ud800', ''));
  const { key } = fc.letrec<{ key: SearchKey }>((tie) => ({
    key: fc.oneof(
      { maxDepth: 4 },
      fc.record({ key: fc.constantFrom('text', 'body', 'subject', 'from', 'to', 'cc', 'bcc'), text }) as fc.Arbitrary<SearchKey>,
      fc.record({ key: fc.constant('header'), name: fc.oneof(fc.constant('List-Id'), text), text }) as fc.Arbitrary<SearchKey>,
      fc.record({ key: fc.constant('flag'), flag: fc.oneof(fc.constantFrom('\\Seen', '$Junk'), text) }) as fc.Arbitrary<SearchKey>,
      fc.record({ key: fc.constantFrom('and', 'or'), of: fc.array(tie('key'), { maxLength: 4 }) }) as fc.Arbitrary<SearchKey>,
      fc.record({ key: fc.constant('not'), of: tie('key') }) as fc.Arbitrary<SearchKey>,
    ),
  }));
  let compiled = 0;
  fc.assert(
    fc.property(key, (one) => {
      try {
        const { parts } = compile(one);
        compiled += 1;
        read(parts);
      } catch (error) {
        expect(error).toBeInstanceOf(CausewayError);
        expect((error as CausewayError).code).toBe('input');
      }
    }),
    { numRuns: 1000 },
  );
  expect(compiled).toBeGreaterThan(100);
  fc.assert(
    fc.property(text, (typed) => {
      const [, word] = read(compile({ key: 'text', text: typed }).parts) as [unknown, { bytes: Buffer }];
      expect(word.bytes.toString()).toBe(typed.replaceAll(/[\r\n\0]+/g, ' ').toWellFormed());
    }),
  );
});
