import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { beforeAll, expect, test } from 'vitest';
import { createManualClock } from '#events/manual-clock.testing.ts';
import { type LoopbackCertificate, makeLoopbackCertificate } from '#net/loopback-certificate.testing.ts';
import { connect, type Endpoint } from './connect.ts';
import { responseCodeOf } from './refusal.ts';
import { failureOf, GREETING, type Peer, type ScriptedServer, startServer, testOptions } from './scripted-server.testing.ts';

let certificate: LoopbackCertificate;
beforeAll(async () => {
  certificate = await makeLoopbackCertificate();
});

async function withServer(script: (peer: Peer) => Promise<void>, client: (server: ScriptedServer) => Promise<void>): Promise<void> {
  const server = await startServer(script);
  try {
    await client(server);
  } finally {
    server.close();
  }
}

const starttls = (server: ScriptedServer): Endpoint => ({ ...server.endpoint, tls: 'starttls', ca: certificate.cert });

test('takes the capabilities of the greeting', async () => {
  await withServer(
    async (peer) => peer.send(GREETING),
    async ({ endpoint }) => {
      const connection = await connect(endpoint, testOptions());
      expect([...connection.capabilities]).toEqual(['IMAP4REV1', 'LITERAL+', 'UIDPLUS', 'SASL-IR']);
      connection.destroy();
    },
  );
});

test('asks for the capabilities when the greeting has none', async () => {
  await withServer(
    (peer) => peer.play('S: * OK hello', 'C: A1 CAPABILITY', 'S: * CAPABILITY IMAP4rev1 Idle', 'S: A1 OK done'),
    async ({ endpoint }) => {
      const connection = await connect(endpoint, testOptions());
      expect(connection.capabilities).toEqual(new Set(['IMAP4REV1', 'IDLE']));
      connection.destroy();
    },
  );
});

test('a greeting of BYE is unavailable, with its code', async () => {
  await withServer(
    async (peer) => peer.send('* BYE [UNAVAILABLE] later\r\n'),
    async ({ endpoint }) => {
      const error = await failureOf(connect(endpoint, testOptions()));
      expect(error).toMatchObject({ code: 'unavailable', retryable: true });
      expect(responseCodeOf(error)).toBe('UNAVAILABLE');
    },
  );
});

test.each([
  ['HTTP/1.1 400 Bad Request\r\n', 'protocol'],
  ['A1 OK hello\r\n', 'protocol'],
  ['* 5 EXISTS\r\n', 'protocol'],
  ['* NO go away\r\n', 'protocol'],
])('a greeting of %j is no IMAP', async (greeting, code) => {
  await withServer(
    async (peer) => peer.send(greeting),
    async ({ endpoint }) => {
      expect(await failureOf(connect(endpoint, testOptions()))).toMatchObject({ code });
    },
  );
});

test('a port where nobody listens, and a server that closes at once, are unavailable', async () => {
  const server = await startServer(async (peer) => void peer.socket.end());
  expect(await failureOf(connect(server.endpoint, testOptions()))).toMatchObject({ code: 'unavailable' });
  server.close();
  const place = `127.0.0.1:${server.endpoint.port}`;
  expect(await failureOf(connect(server.endpoint, testOptions()))).toMatchObject({ code: 'unavailable', place });
});

test('a server that says nothing is given up after connectMs', async () => {
  const clock = createManualClock();
  await withServer(
    async (peer) => {
      clock.advance(4999);
      clock.advance(1);
      await peer.end();
    },
    async (server) => {
      const error = await failureOf(connect(server.endpoint, { ...testOptions(), clock }));
      expect(error).toMatchObject({ code: 'unavailable', message: 'no IMAP session within 5000 ms' });
      await server.done;
    },
  );
});

test('a signal ends the opening', async () => {
  const abort = new AbortController();
  await withServer(
    async (peer) => {
      abort.abort();
      await peer.end();
    },
    async (server) => {
      const error = await failureOf(connect(server.endpoint, { ...testOptions(), signal: abort.signal }));
      expect(error).toMatchObject({ code: 'aborted' });
      await server.done;
    },
  );
});

/** The server's side of STARTTLS: what it says in the clear, and then a peer within TLS. */
async function upgrade(peer: Peer, okay = 'A1 OK begin\r\n'): Promise<TLSSocket> {
  await peer.play('S: * OK [CAPABILITY IMAP4rev1 EVIL] hello', 'C: A1 STARTTLS');
  peer.socket.removeAllListeners('data');
  peer.send(okay);
  const tls = new TLSSocket(peer.socket, { isServer: true, ...certificate });
  tls.on('error', () => {});
  return tls;
}

test('STARTTLS forgets what was said in the clear', async () => {
  await withServer(
    async (peer) => {
      const tls = await upgrade(peer);
      const [line] = await once(tls, 'data');
      expect(String(line)).toBe('A1 CAPABILITY\r\n');
      tls.write('* CAPABILITY IMAP4rev1\r\nA1 OK done\r\n');
    },
    async (server) => {
      const connection = await connect(starttls(server), testOptions());
      expect(connection.capabilities).toEqual(new Set(['IMAP4REV1']));
      connection.destroy();
      await server.done;
    },
  );
});

test('bytes between the OK of STARTTLS and TLS are an attack', async () => {
  await withServer(
    async (peer) => {
      await upgrade(peer, 'A1 OK begin\r\n* CAPABILITY EVIL\r\nA1 OK done\r\n');
    },
    async (server) => {
      expect(await failureOf(connect(starttls(server), testOptions()))).toMatchObject({
        code: 'protocol',
        message: expect.stringContaining('injects'),
      });
    },
  );
});

test('bytes after the OK in a packet of their own end the handshake', async () => {
  await withServer(
    async (peer) => {
      await peer.play('S: * OK hello', 'C: A1 STARTTLS', 'S: A1 OK begin');
      await peer.bytes(1); // the client has begun TLS
      peer.send('* CAPABILITY EVIL\r\n');
    },
    async (server) => {
      expect(await failureOf(connect(starttls(server), testOptions()))).toMatchObject({ code: 'unavailable' });
    },
  );
});

test.each(['A1 NO no TLS here', 'A1 BAD what?'])('never goes on in the clear after %j', async (answer) => {
  await withServer(
    async (peer) => {
      await peer.play('S: * OK hello', 'C: A1 STARTTLS', `S: ${answer}`);
      await peer.end();
      expect(peer.unread()).toBe('');
    },
    async (server) => {
      expect(await failureOf(connect(starttls(server), testOptions()))).toMatchObject({ code: 'refused' });
      await server.done;
    },
  );
});

test('PREAUTH before STARTTLS is not believed', async () => {
  await withServer(
    async (peer) => peer.send('* PREAUTH welcome\r\n'),
    async (server) => {
      expect(await failureOf(connect(starttls(server), testOptions()))).toMatchObject({ code: 'protocol' });
    },
  );
});

test('implicit TLS checks the certificate', async () => {
  const server = createTlsServer(certificate, (socket) => {
    socket.on('error', () => {});
    socket.write(GREETING);
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const endpoint: Endpoint = { host: '127.0.0.1', port, tls: 'implicit' };
  try {
    expect(await failureOf(connect(endpoint, testOptions()))).toMatchObject({ code: 'unavailable' });
    const other = { ...endpoint, ca: certificate.cert, servername: 'elsewhere.example' };
    expect(await failureOf(connect(other, testOptions()))).toMatchObject({ code: 'unavailable' });
    const connection = await connect({ ...endpoint, ca: certificate.cert }, testOptions());
    expect(connection.capabilities.has('UIDPLUS')).toBe(true);
    connection.destroy();
    await connection.closed;
  } finally {
    server.close();
  }
});
