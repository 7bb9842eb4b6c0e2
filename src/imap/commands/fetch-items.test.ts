import { expect, test } from 'vitest';
import { textOf } from '#wire/imap/tokens.ts';
import { converse } from '../scripted-server.testing.ts';

test('takes the answers and not the news, and sections by the names that servers give them', () =>
  converse(
    async (peer) => {
      await peer.play(
        'C: A1 UID FETCH 5,7 (UID FLAGS BODY.PEEK[HEADER.FIELDS (FROM DATE)] BODY.PEEK[1.2]<0.10>) (CHANGEDSINCE 3)',
        'S: * 1 FETCH (UID 5 FLAGS (\\Seen))',
        'S: * 3 FETCH (FLAGS () UID 6 BODY[HEADER.FIELDS (FROM)] "" BODY[1.2]<0> "")',
        'S: * 1 FETCH (UID 5 FLAGS () BODY[1.2]<0> {3}',
        'S: abc BODY[HEADER.FIELDS ("From" "Date")] "From: x")',
        'S: * 1 FETCH (UID 5 FLAGS () BODY[1.2]<0> "twice" BODY[HEADER.FIELDS (FROM)] "")',
        'S: A1 OK done',
      );
    },
    async (connection) => {
      const found: unknown[] = [];
      await connection.fetchItems('5,7', ['FLAGS', 'BODY.PEEK[HEADER.FIELDS (FROM DATE)]', 'BODY.PEEK[1.2]<0.10>'], ({ uid, items }) => found.push([uid, textOf(items.get('BODY[1.2]<0>'))]), { changedSince: 3n });
      expect(found).toEqual([[5, 'abc']]);
      await expect(connection.fetchItems('5', ['BODY[]'], () => {})).rejects.toMatchObject({ code: 'input' });
      await expect(connection.fetchItems('5', ['BODY.PEEK[HEADER.FIELDS (A) B)]'], () => {})).rejects.toMatchObject({ code: 'input' });
    },
  ));
