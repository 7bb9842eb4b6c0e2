/**
 * One LMTP transaction with the platform that is an account's home (RFC 2033).
 *
 * Invariants: every recipient that the platform took at RCPT gets exactly one answer at the end, its own; a connection
 * that breaks before that answer is a 451 for it, never a success. Bytes of the message pass untouched but for the dots
 * that the protocol doubles.
 */
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { CausewayError, messageOf } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import { createReplyReader, type Reply } from '#wire/smtp/reply.ts';

export type LmtpEndpoint = { readonly host: string; readonly port: number; readonly tls?: 'implicit' | 'plain'; readonly ca?: string };

/** What the next hop says of one recipient: an SMTP code and one line of text, the enhanced code in it. */
export type Answer = { readonly code: number; readonly text: string };

export type HandOver = {
  mail(sender: string): Promise<Answer>;
  rcpt(recipient: string): Promise<Answer>;
  /** Asks to begin the message. */
  data(): Promise<Answer>;
  /** Writes dot-stuffed bytes; resolves when there is room for more. A broken connection is told by `finish`. */
  write(stuffed: Buffer): Promise<void>;
  /** One answer for each accepted recipient, in RCPT order. */
  finish(accepted: number): Promise<Answer[]>;
  end(): void;
  /** Closes the connection, whatever is under way on it: each wait for an answer rejects. */
  abort(): void;
};

/** 5 s to connect: the MX waits for our RCPT answer at most 5 min (RFC 5321 4.5.3.2.3), but a hold only 10 s. */
const CONNECT_MS = 5_000;
/** For the greeting and LHLO, which a next hop at home in the same house answers at once. */
const OPEN_MS = 10_000;
/** RFC 5321 4.5.3.2.6 gives the final answer 10 min; a store that has not synced in 2 min will not. */
const REPLY_MS = 120_000;
/** RFC 5321 4.5.3.1.5: 512 bytes a reply line; 64 KiB bounds a server that never ends its reply. */
const REPLY_BYTES = 65_536;

export async function openHandOver(endpoint: LmtpEndpoint, name: string, clock: Clock): Promise<HandOver> {
  const socket = await dial(endpoint, clock);
  const replies = createReplyReader(REPLY_BYTES);
  let failure: CausewayError | undefined;
  let wake: () => void = () => {};
  const fail = (error: unknown): void => {
    failure ??= new CausewayError('unavailable', `the platform's LMTP connection broke: ${messageOf(error)}`, { place: `${endpoint.host}:${endpoint.port}` });
    wake();
    socket.emit('drain');
  };
  let inMessage = false;
  let pending: Reply | undefined;
  const take = (): void => {
    try {
      pending ??= replies.read();
    } catch (error) {
      fail(error);
      socket.destroy();
    }
    if (pending !== undefined) wake();
  };
  socket.on('data', (chunk: Buffer) => {
    try {
      replies.push(chunk);
    } catch (error) {
      fail(error);
      socket.destroy();
    }
    take();
  });
  socket.on('error', fail);
  socket.on('close', () => fail('closed'));

  const reply = async (withinMs = REPLY_MS): Promise<Answer> => {
    const timer = new AbortController();
    clock.sleep(withinMs, timer.signal).then(() => fail('no answer in time'), () => {});
    take();
    while (pending === undefined && failure === undefined) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    timer.abort();
    if (pending === undefined) throw failure;
    const answer = { code: pending.code, text: pending.lines.join(' ') };
    pending = undefined;
    return answer;
  };
  const say = (line: string, withinMs?: number): Promise<Answer> => {
    socket.write(`${line}\r\n`);
    return reply(withinMs);
  };
  const expect = (answer: Answer, what: string): void => {
    if (Math.floor(answer.code / 100) === 2) return;
    throw new CausewayError('unavailable', `the platform answered ${what} with ${answer.code} ${answer.text}`, { place: `${endpoint.host}:${endpoint.port}` });
  };
  try {
    expect(await reply(OPEN_MS), 'the connection');
    expect(await say(`LHLO ${name}`, OPEN_MS), 'LHLO');
  } catch (error) {
    socket.destroy();
    throw error;
  }

  return {
    mail: (sender) => say(`MAIL FROM:<${sender}>`),
    rcpt: (recipient) => say(`RCPT TO:<${recipient}>`),
    async data() {
      const answer = await say('DATA');
      inMessage = answer.code === 354;
      return answer;
    },
    async write(stuffed) {
      if (failure !== undefined || socket.write(stuffed)) return;
      await new Promise<void>((resolve) => {
        socket.once('drain', resolve);
      });
    },
    async finish(accepted) {
      socket.write('.\r\n');
      inMessage = false;
      const answers: Answer[] = [];
      for (let i = 0; i < accepted; i++) answers.push(await reply());
      return answers;
    },
    abort() {
      fail('given up');
      socket.destroy();
    },
    end() {
      // Half a message must end as a broken connection, not as a shorter message.
      if (inMessage) return void socket.destroy();
      socket.end('QUIT\r\n');
      socket.setTimeout(CONNECT_MS, () => socket.destroy());
    },
  };
}

function dial(endpoint: LmtpEndpoint, clock: Clock): Promise<Socket> {
  const { host, port } = endpoint;
  return new Promise((resolve, reject) => {
    const timer = new AbortController();
    const socket: Socket =
      endpoint.tls === 'implicit'
        ? connectTls({ host, port, ...(endpoint.ca === undefined ? {} : { ca: endpoint.ca }) })
        : connect({ host, port, noDelay: true });
    const fail = (cause: unknown): void => {
      timer.abort();
      socket.destroy();
      reject(new CausewayError('unavailable', `cannot reach the platform's LMTP: ${messageOf(cause)}`, { place: `${host}:${port}`, cause }));
    };
    socket.once('error', fail);
    socket.once(endpoint.tls === 'implicit' ? 'secureConnect' : 'connect', () => {
      timer.abort();
      socket.off('error', fail);
      resolve(socket);
    });
    clock.sleep(CONNECT_MS, timer.signal).then(() => fail('no answer in time'), () => {});
  });
}
