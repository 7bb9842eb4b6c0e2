import { expect, test } from 'vitest';
import { converse } from '../scripted-server.testing.ts';

test('MOVE tells what became of each message before it goes', () =>
  converse(
    async (peer) => {
      await peer.play('C: A1 UID MOVE 3:4,9 "Trash"', 'S: * OK [COPYUID 77 3:4,9 10:12] moved', 'S: * 3 EXPUNGE', 'S: A1 OK done');
      await peer.play('C: A2 UID COPY 3 "Trash"', 'S: A2 OK [COPYUID 77 3 999999999999] copied');
    },
    async (connection) => {
      await expect(connection.move('3:4,9', 'Trash')).resolves.toEqual({ uidValidity: 77, uids: new Map([[3, 10], [4, 11], [9, 12]]) });
      await expect(connection.copy('3', 'Trash')).resolves.toBeUndefined();
    },
    { greeting: '* OK [CAPABILITY IMAP4rev1 MOVE UIDPLUS] ready\r\n' },
  ));

test('without MOVE nothing is removed before the copy is there', () =>
  converse(
    async (peer) => {
      await peer.play('C: A1 UID COPY 3 "Trash"', 'S: A1 OK [COPYUID 77 3 10] copied');
      await peer.play('C: A2 UID STORE 3 +FLAGS.SILENT (\\Deleted)', 'S: A2 OK done', 'C: A3 UID EXPUNGE 3', 'S: A3 OK done');
      await peer.play('C: A4 UID COPY 4 "Full"', 'S: A4 NO [OVERQUOTA] full');
    },
    async (connection) => {
      await expect(connection.move('3', 'Trash')).resolves.toMatchObject({ uidValidity: 77 });
      await expect(connection.move('4', 'Full')).rejects.toMatchObject({ code: 'refused' });
    },
    { greeting: '* OK [CAPABILITY IMAP4rev1 UIDPLUS] ready\r\n' },
  ));
