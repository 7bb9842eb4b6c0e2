import { expect, test } from 'vitest';
import { responseCodeOf } from '../refusal.ts';
import { converse, failureOf } from '../scripted-server.testing.ts';

const anna = { user: 'anna@example.net', password: 's3cret "\\' };

test('LOGIN quotes, and takes the new capabilities from the answer', async () => {
  await converse(
    (peer) => peer.play('C: A1 LOGIN "anna@example.net" "s3cret \\"\\\\"', 'S: A1 OK [CAPABILITY IMAP4rev1 MOVE] in'),
    async (connection) => {
      await connection.login(anna);
      expect(connection.capabilities).toEqual(new Set(['IMAP4REV1', 'MOVE']));
    },
  );
});

test('what cannot be quoted goes as a literal; capabilities are asked for when they did not come', async () => {
  await converse(
    async (peer) => {
      await peer.play('C: A1 LOGIN "anna@example.net" {4}');
      expect(peer.unread()).toBe('');
      peer.send('+ go\r\n');
      expect(await peer.bytes(6)).toEqual(Buffer.from('pä\n\r\n'));
      await peer.play('S: A1 OK', 'C: A2 CAPABILITY', 'S: * CAPABILITY IMAP4rev1 MOVE', 'S: A2 OK');
    },
    async (connection) => {
      await connection.login({ ...anna, password: 'pä\n' });
      expect(connection.capabilities.has('MOVE')).toBe(true);
    },
    { greeting: '* OK [CAPABILITY IMAP4rev1] hi\r\n' },
  );
});

test('AUTHENTICATE PLAIN acts for another, with and without an initial response', async () => {
  const master = { user: 'causeway', password: 'm', authzid: 'anna' };
  const response = Buffer.from('anna\0causeway\0m').toString('base64');
  await converse(
    (peer) => peer.play(`C: A1 AUTHENTICATE PLAIN ${response}`, 'S: A1 OK [CAPABILITY IMAP4rev1] in'),
    (connection) => connection.login(master),
    { greeting: '* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hi\r\n' },
  );
  await converse(
    (peer) => peer.play('C: A1 AUTHENTICATE PLAIN', 'S: + ', `C: ${response}`, 'S: A1 OK [CAPABILITY IMAP4rev1] in'),
    (connection) => connection.login(master),
    { greeting: '* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi\r\n' },
  );
  await converse(
    (peer) => peer.play('C: A1 AUTHENTICATE PLAIN', 'S: A1 NO not that', 'C: A2 NOOP', 'S: A2 OK'),
    async (connection) => {
      expect(await failureOf(connection.login(master))).toMatchObject({ code: 'refused' });
      await connection.noop();
    },
    { greeting: '* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi\r\n' },
  );
});

test.each([
  ['A1 NO [AUTHENTICATIONFAILED] wrong', 'refused', 'AUTHENTICATIONFAILED'],
  ['A1 NO wrong', 'refused', undefined],
  ['A1 NO [UNAVAILABLE] later', 'unavailable', 'UNAVAILABLE'],
  ['A1 NO [LIMIT] too many', 'unavailable', 'LIMIT'],
  ['A1 NO [ALERT] Too many simultaneous connections', 'unavailable', 'ALERT'],
  ['A1 NO [AUTHORIZATIONFAILED] not for her', 'unavailable', 'AUTHORIZATIONFAILED'],
  ['A1 BAD [UNAVAILABLE] later', 'unavailable', 'UNAVAILABLE'],
  ['A1 BAD what?', 'unavailable', undefined],
  ['* BYE [UNAVAILABLE] later', 'unavailable', 'UNAVAILABLE'],
])('%j is %s', async (answer, code, responseCode) => {
  await converse(
    (peer) => peer.play('C: A1 LOGIN "anna@example.net" "s3cret \\"\\\\"', `S: ${answer}`),
    async (connection) => {
      const error = await failureOf(connection.login(anna));
      expect(error).toMatchObject({ code });
      expect(responseCodeOf(error)).toBe(responseCode);
    },
  );
});

test('a connection that closes instead of an answer blames nobody', async () => {
  await converse(
    async (peer) => {
      await peer.line();
      peer.socket.end();
    },
    async (connection) => {
      expect(await failureOf(connection.login(anna))).toMatchObject({ code: 'unavailable' });
    },
  );
});

test('no message holds the secret, also when the server echoes it', async () => {
  await converse(
    (peer) => peer.play('C: A1 LOGIN "a" "hunter2"', 'S: A1 NO no user with hunter2', 'C: A2 LOGIN "a" "hunter2"', 'S: A2 BAD in: LOGIN "a" "hunter2"'),
    async (connection) => {
      for (const code of ['refused', 'unavailable']) {
        const error = await failureOf(connection.login({ user: 'a', password: 'hunter2' }));
        expect(error).toMatchObject({ code });
        expect(JSON.stringify(error) + String(error)).not.toContain('hunter2');
      }
    },
  );
});

test('no secret is sent in a way that the server does not offer', async () => {
  await converse(
    (peer) => peer.end(),
    async (connection) => {
      expect(await failureOf(connection.login({ ...anna, authzid: 'b' }))).toMatchObject({ code: 'unavailable', retryable: false });
      expect(await failureOf(connection.login(anna))).toMatchObject({ code: 'unavailable', retryable: false });
      connection.destroy();
    },
    { greeting: '* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] hi\r\n' },
  );
});

test('a NUL cannot be sent', async () => {
  await converse(
    (peer) => peer.end(),
    async (connection) => {
      expect(await failureOf(connection.login({ user: 'a', password: 'b\0c' }))).toMatchObject({ code: 'input' });
      connection.destroy();
    },
  );
});
