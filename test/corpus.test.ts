/**
 * The corpus: bytes that broke somebody's parser, or could have. Every file goes through every parser of network bytes,
 * whole and cut anywhere, and through every dialect's conversation and session, whichever protocol it was written for.
 *
 * What must hold: nothing but a CausewayError is thrown, no credentials of bad form come through, and everything ends.
 * A file that finds a fault is added here with its mend.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CausewayError } from '../src/errors/index.ts';
import { systemClock } from '../src/events/clock.ts';
import { createClientStream } from '../src/gateway/client-stream.ts';
import { type Credentials } from '../src/gateway/credentials.ts';
import { DIALECTS } from '../src/gateway/dialect.ts';
import { connection } from '../src/gateway/peers.testing.ts';
import { createByteQueue } from '../src/wire/byte-queue.ts';
import { cut } from '../src/wire/cut.testing.ts';
import { parseClientLine } from '../src/wire/dovecot-auth.ts';
import { parseCommand as parseImapCommand } from '../src/wire/imap/command.ts';
import { parseInternalDate } from '../src/wire/imap/date.ts';
import { createImapReader } from '../src/wire/imap/reader.ts';
import { parseResponse as parseImapResponse } from '../src/wire/imap/response.ts';
import { parseSequenceSet } from '../src/wire/imap/sequence-set.ts';
import { type Line, textOf } from '../src/wire/imap/tokens.ts';
import { decodeUtf7 } from '../src/wire/imap/utf7.ts';
import { parseCommand as parsePop3Command } from '../src/wire/pop3/command.ts';
import { createMultiLineEnd } from '../src/wire/pop3/multi-line.ts';
import { parseStatus } from '../src/wire/pop3/response.ts';
import { isProxyHeader, parseProxyHeader } from '../src/wire/proxy.ts';
import { decodePlain, decodeText } from '../src/wire/sasl.ts';
import { parseCommand as parseSieveCommand } from '../src/wire/sieve/command.ts';
import { parseResponse as parseSieveResponse } from '../src/wire/sieve/response.ts';

import { parseAuth, parseCommand as parseSmtpCommand, parseHello, parsePath } from '../src/wire/smtp/command.ts';
import { createUnstuffer } from '../src/wire/smtp/dot-stuffing.ts';
import { createMessageEnd } from '../src/wire/smtp/message-end.ts';
import { createReplyReader } from '../src/wire/smtp/reply.ts';
import { parseXclient } from '../src/wire/smtp/xclient.ts';


const FOLDER = join(import.meta.dirname, 'corpus');
const CORPUS = readdirSync(FOLDER).map((name): [string, Buffer] => [name, readFileSync(join(FOLDER, name))]);

/** All but a CausewayError goes on up. */
function tolerant(act: () => unknown): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof CausewayError)) throw error;
  }
}

/** Each parser is given a stream in chunks. */
const STREAMS: Readonly<Record<string, (chunks: readonly Buffer[]) => void>> = {
  'imap, of a client': (chunks) => logicalLines(chunks, 'client', (line) => {
    const { args } = parseImapCommand(line);
    for (const arg of args) for (const parse of [parseSequenceSet, decodeUtf7, parseInternalDate]) tolerant(() => parse(textOf(arg)));
  }),
  'imap, of a server': (chunks) => logicalLines(chunks, 'server', parseImapResponse),
  'sieve, of a client': (chunks) => logicalLines(chunks, 'client', parseSieveCommand),
  'sieve, of a server': (chunks) => logicalLines(chunks, 'server', parseSieveResponse),
  'smtp replies': (chunks) => {
    const reader = createReplyReader();
    for (const chunk of chunks) {
      reader.push(chunk);
      while (reader.read() !== undefined);
    }
  },
  'a message’s end': (chunks) => {
    const end = createMessageEnd();
    for (const chunk of chunks) if (end.feed(chunk).ended) break;
  },
  'dot-stuffing': (chunks) => {
    const [unstuffer, end] = [createUnstuffer(), createMultiLineEnd()];
    for (const chunk of chunks) if (unstuffer.push(chunk).rest !== undefined) break;
    for (const chunk of chunks) if (end.find(chunk) >= 0) break;
  },
  'a PROXY header': (chunks) => {
    const bytes = Buffer.concat(chunks);
    for (let n = 0; n <= Math.min(bytes.length, 300); n += 1) {
      tolerant(() => parseProxyHeader(bytes.subarray(0, n)));
      isProxyHeader(bytes.subarray(0, n));
    }
  },
  lines: (chunks) => {
    const queue = createByteQueue();
    for (const chunk of chunks) queue.push(chunk);
    for (let line; (line = queue.line(64 * 1024)) !== undefined; ) {
      for (const parse of [parsePop3Command, parseStatus, parseClientLine]) tolerant(() => parse(line!));
      const text = line.toString('latin1');
      for (const parse of [decodePlain, decodeText, parseAuth, parseHello, parseXclient]) tolerant(() => parse(text));
      const smtp = parseSmtpCommand(line);
      for (const word of ['FROM', 'TO'] as const) tolerant(() => parsePath(smtp?.rest ?? text, word));
    }
  },
};

function logicalLines(chunks: readonly Buffer[], peer: 'client' | 'server', parse: (line: Line) => unknown): void {
  const reader = createImapReader({ literal: 4_096 }, peer);
  let line: Line = [];
  for (const chunk of chunks) {
    reader.push(chunk);
    for (let piece; (piece = reader.read()) !== undefined; ) {
      if (piece.kind === 'literal') {
        line.push({ literal: piece.bytes });
        continue;
      }
      line.push(piece.bytes);
      if (piece.literal !== undefined) continue;
      const whole = line;
      line = [];
      tolerant(() => parse(whole));
    }
  }
}

test.each(CORPUS)('%s: every parser, whole, byte by byte, and cut anywhere', (_, bytes) => {
  for (const parse of Object.values(STREAMS)) {
    tolerant(() => parse([bytes]));
    tolerant(() => parse([...bytes].map((byte) => Buffer.of(byte))));
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 30 }), (lengths) => tolerant(() => parse(cut(bytes, lengths)))), { numRuns: 10 });
  }
});

test.each(CORPUS)('%s: every conversation before sign-in', async (_, bytes) => {
  for (const dialect of Object.values(DIALECTS)) {
    for (const transport of ['clear', 'tls'] as const) {
      const { near, far } = await connection();
      const attempts: Credentials[] = [];
      const stream = createClientStream(near);
      const over = dialect
        .converse({
          stream,
          transport,
          greet: true,
          onPlainText: () => {}, foreignName: (login) => login.includes('*'),
          signal: AbortSignal.timeout(10_000),
          turnAway: () => Promise.resolve(undefined),
          enter: (credentials) => (attempts.push(credentials), Promise.resolve({ end: 'refused' as const, reply: 'refused', closes: false })),
        })
        .catch((error: unknown) => expect(error).toMatchObject({ code: 'aborted' }));
      far.socket.end(bytes);
      await over;
      if (transport === 'clear') expect(attempts).toEqual([]);
      for (const { login, secret } of attempts) expect([/[\p{Cc}*]/u.test(login), secret.includes('\0')]).toEqual([false, false]);
      near.destroy();
      far.socket.destroy();
    }
  }
});

test.each(CORPUS)('%s: every session, from the client and from the platform', async (_, bytes) => {
  for (const dialect of Object.values(DIALECTS)) {
    for (const side of ['client', 'platform'] as const) {
      const [outer, inner] = [await connection(), await connection()];
      const session = dialect.createSession({
        client: outer.near,
        queue: createByteQueue(),
        platform: { socket: inner.near, rest: Buffer.alloc(0), capabilities: new Set(['LITERAL+', 'PIPELINING']) },
        frozen: false,
        clock: systemClock,
      });
      (side === 'client' ? outer.far : inner.far).socket.end(bytes);
      setTimeout(() => inner.far.socket.destroy(), 30);
      await session.closed;
      outer.near.destroy();
      outer.far.socket.destroy();
    }
  }
});
