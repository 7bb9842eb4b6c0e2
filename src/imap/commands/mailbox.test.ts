import { expect, test } from 'vitest';
import { converse, failureOf } from '../scripted-server.testing.ts';

test('SELECT collects what the server says', async () => {
  await converse(
    (peer) =>
      peer.play(
        'C: A1 SELECT "INBOX"',
        'S: * 172 EXISTS',
        'S: * OK [UNSEEN 12] first unseen',
        'S: * OK [UIDVALIDITY 3857529045] valid',
        'S: * OK [UIDNEXT 4392] next',
        'S: * FLAGS (\\answered \\Seen Work)',
        'S: * OK [PERMANENTFLAGS (\\Seen \\*)] limited',
        'S: * OK [HIGHESTMODSEQ 9007199254740993] highest',
        'S: A1 OK [READ-WRITE] done',
        'C: A2 EXAMINE "a"',
        'S: * FLAGS (\\Seen)',
        'S: * OK [UIDVALIDITY 1]',
        'S: A2 OK done',
        'C: A3 STATUS "a" (UIDNEXT)',
        'S: * STATUS a (UIDNEXT 7)',
        'S: A3 OK',
        'C: A4 EXAMINE "b"',
        'S: A4 OK',
        'C: A5 SELECT "c"',
        'S: A5 NO [NONEXISTENT] no such',
      ),
    async (connection) => {
      expect(await connection.select('INBOX')).toEqual({
        uidValidity: 3857529045,
        uidNext: 4392,
        exists: 172,
        flags: ['\\Answered', '\\Seen', 'Work'],
        permanentFlags: ['\\Seen', '\\*'],
        readOnly: false,
        highestModSeq: 9007199254740993n,
      });
      const courier = { uidValidity: 1, uidNext: 7, exists: 0, flags: ['\\Seen'], permanentFlags: ['\\Seen'], readOnly: true };
      expect(await connection.examine('a')).toEqual(courier);
      expect(await failureOf(connection.examine('b'))).toMatchObject({ code: 'protocol' });
      expect(await failureOf(connection.select('c'))).toMatchObject({ code: 'refused' });
    },
  );
});

test('a listed mailbox can be named again, whatever its name', async () => {
  await converse(
    async (peer) => {
      await peer.play('C: A1 LIST "" "*"');
      peer.send(Buffer.from('* LIST () "." {4}\r\na\xe9"b\r\n* LIST () "." "R&D"\r\n* LIST () "." "R&D"\r\nA1 OK\r\n', 'latin1'));
      await peer.play('C: A2 DELETE {4+}', 'C: a\xe9"b', 'S: A2 OK', 'C: A3 DELETE "R&D"', 'S: A3 OK', 'C: A4 DELETE "R&-D"', 'S: A4 OK');
    },
    async (connection) => {
      const [first, second, ...more] = await connection.list('', '*');
      expect(more).toEqual([]);
      expect(second).toMatchObject({ name: 'R&D', raw: 'R&D' });
      await connection.delete(first ?? '');
      await connection.delete(second ?? '');
      await connection.delete('R&D');
    },
  );
});

test('SPECIAL-USE and LSUB fall back where a server announces more than it has', async () => {
  await converse(
    (peer) =>
      peer.play(
        'C: A1 LIST "" "*" RETURN (SPECIAL-USE)',
        'S: A1 BAD what?',
        'C: A2 LIST "" "*"',
        'S: * LIST (\\Sent) "/" Sent',
        'S: A2 OK',
        'C: A3 LSUB "" "*"',
        'S: A3 NO not in rev2',
        'C: A4 LIST (SUBSCRIBED) "" "*"',
        'S: * LIST (\\Subscribed) "/" Sent ("CHILDINFO" ("SUBSCRIBED"))',
        'S: A4 OK',
        'C: A5 NAMESPACE',
        'S: * NAMESPACE (("INBOX." ".")) NIL (("#public/" "/" "X" ("y"))("" NIL))',
        'S: A5 OK',
      ),
    async (connection) => {
      expect(await connection.list('', '*', { specialUse: true })).toMatchObject([{ name: 'Sent', flags: ['\\Sent'] }]);
      expect(await connection.lsub('', '*')).toMatchObject([{ name: 'Sent' }]);
      expect(await connection.namespace()).toEqual({
        personal: [{ prefix: 'INBOX.', delimiter: '.' }],
        other: [],
        shared: [{ prefix: '#public/', delimiter: '/' }, { prefix: '', delimiter: undefined }],
      });
    },
    { greeting: '* OK [CAPABILITY IMAP4rev1 LIST-EXTENDED SPECIAL-USE NAMESPACE] hi\r\n' },
  );
});

test('without NAMESPACE the delimiter comes from LIST', async () => {
  await converse(
    (peer) => peer.play('C: A1 LIST "" ""', 'S: * LIST (\\Noselect) "." ""', 'S: A1 OK'),
    async (connection) => {
      expect(await connection.namespace()).toEqual({ personal: [{ prefix: '', delimiter: '.' }], other: [], shared: [] });
    },
  );
});

test('flags are stored by UID, and only UIDPLUS expunges', async () => {
  await converse(
    (peer) => peer.play('C: A1 UID STORE 1,4:5 +FLAGS.SILENT (\\Deleted $x)', 'S: A1 OK', 'C: A2 UID EXPUNGE 1', 'S: * 1 EXPUNGE', 'S: A2 OK'),
    async (connection) => {
      await connection.store('1,4:5', '+FLAGS', ['\\Deleted', '$x']);
      await connection.expunge('1');
      expect(await failureOf(connection.store('1 (', 'FLAGS', []))).toMatchObject({ code: 'input' });
    },
  );
  await converse(
    (peer) => peer.end(),
    async (connection) => {
      expect(await failureOf(connection.expunge('1'))).toMatchObject({ code: 'refused' });
      connection.destroy();
    },
    { greeting: '* OK [CAPABILITY IMAP4rev1] hi\r\n' },
  );
});

test('what is known of 100,000 messages stays lean', async () => {
  const count = 100_000;
  await converse(
    async (peer) => {
      await peer.line();
      for (let uid = 1; uid <= count; uid += 1000) {
        let lines = '';
        for (let n = uid; n < uid + 1000; n += 1) {
          lines += `* ${n} FETCH (UID ${n} FLAGS (\\Seen $Label${n % 5}) INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE ${n})\r\n`;
        }
        if (!peer.socket.write(lines)) await new Promise((resolve) => peer.socket.once('drain', resolve));
      }
      await peer.play('S: * 3 FETCH (FLAGS (\\Flagged) UID 3)', 'S: * 7 FETCH (UID 900000 FLAGS ())', 'S: * 8 FETCH (FLAGS ())', 'S: A1 OK');
    },
    async (connection) => {
      const before = process.memoryUsage().heapUsed;
      const messages = await connection.fetchMeta('1:*');
      expect(messages).toHaveLength(count);
      expect(messages[2]).toEqual({ uid: 3, flags: ['\\Flagged'], internalDate: '17-Jul-1996 02:44:25 -0700', size: 3 });
      expect(process.memoryUsage().heapUsed - before).toBeLessThan(200 * 1024 * 1024);
    },
  );
});
