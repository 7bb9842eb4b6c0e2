import { expect, test } from 'vitest';
import { converse } from '../scripted-server.testing.ts';

test('one round trip with LIST-STATUS', () =>
  converse(
    async (peer) => {
      await peer.play(
        'C: A1 LIST "" "*" RETURN (SUBSCRIBED CHILDREN SPECIAL-USE STATUS (MESSAGES UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ MAILBOXID))',
        'S: * LIST (\\Subscribed \\HasNoChildren) "/" INBOX',
        'S: * STATUS INBOX (MESSAGES 3 UIDNEXT 8 UIDVALIDITY 5 UNSEEN 1 HIGHESTMODSEQ 9223372036854775807 MAILBOXID (F12))',
        'S: * LIST (\\Noselect \\HasChildren) "/" Archiv',
        'S: * LIST (\\Sent) "/" "Gesendet &- mehr"',
        'S: * STATUS "Gesendet &- mehr" (MESSAGES 0)',
        'S: A1 OK done',
      );
    },
    async (connection) => {
      const [inbox, archive, sent] = await connection.listStatus();
      expect(inbox).toMatchObject({ name: 'INBOX', subscribed: true });
      expect(Object.fromEntries(inbox?.status ?? [])).toEqual({ MESSAGES: '3', UIDNEXT: '8', UIDVALIDITY: '5', UNSEEN: '1', HIGHESTMODSEQ: '9223372036854775807', MAILBOXID: 'F12' });
      expect(archive).toMatchObject({ name: 'Archiv', subscribed: false, status: undefined });
      expect(sent).toMatchObject({ name: 'Gesendet & mehr' });
      expect(sent?.status?.get('MESSAGES')).toBe('0');
    },
    { greeting: '* OK [CAPABILITY IMAP4rev1 LIST-EXTENDED LIST-STATUS SPECIAL-USE CONDSTORE OBJECTID] ready\r\n' },
  ));

test('without it, and one that cannot be read is there without counts', () =>
  converse(
    async (peer) => {
      await peer.play('C: A1 LIST "" "*"', 'C: A2 LSUB "" "*"', 'S: * LIST () "." INBOX', 'S: * LIST (\\Noselect) "." A', 'S: * LIST () "." B', 'S: A1 OK done', 'S: * LSUB () "." B', 'S: A2 OK done');
      await peer.play('C: A3 STATUS "INBOX" (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)', 'C: A4 STATUS "B" (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)', 'S: * STATUS INBOX (MESSAGES 2)', 'S: A3 OK done', 'S: A4 NO gone');
    },
    async (connection) => {
      const found = await connection.listStatus();
      expect(found.map(({ name, subscribed, status }) => [name, subscribed, status?.get('MESSAGES')])).toEqual([['INBOX', false, '2'], ['A', false, undefined], ['B', true, undefined]]);
    },
    { greeting: '* OK [CAPABILITY IMAP4rev1] ready\r\n' },
  ));
