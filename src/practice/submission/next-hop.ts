/**
 * Where a platform that is not its recipients' only home sends what was submitted: to an LMTP service (RFC 2033), which
 * knows where each lives now. The client waits meanwhile, so there is no queue.
 *
 * Invariants: a recipient, and a message, is taken from the client only when the next hop took it. Where it took a message
 * for some of its recipients only, the client is told to come again: rather twice than lost.
 */
import { createReadStream } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import type { Clock } from '#events/clock.ts';
import { createStuffer } from '#wire/smtp/dot-stuffing.ts';
import { createReplyReader, type Reply } from '#wire/smtp/reply.ts';

export type NextHop = {
  /** The reply, as the client is to see it. */
  rcpt(recipient: string): Promise<string>;
  /** Hands the file's bytes from `offset` on over. */
  send(file: string, offset: number): Promise<string>;
  close(): void;
};

/** A next hop waits up to 10 s for a recipient in a hold, and for its own next hop after a message. */
const REPLY_MS = 60_000;

const GONE = '451 4.4.2 The next hop does not answer';

/** @throws Error when it is not there */
export async function openNextHop(address: string, sender: string, clock: Clock): Promise<NextHop> {
  const [, host = '', port = ''] = /^(.+):(\d+)$/.exec(address) ?? [];
  const socket: Socket = connect(Number(port), host);
  const reader = createReplyReader();
  let wake: () => void = () => {};
  let gone = false;
  const end = (): void => {
    gone = true;
    wake();
  };
  socket.on('data', (chunk: Buffer) => {
    reader.push(chunk);
    wake();
  });
  socket.on('error', () => {});
  socket.on('close', end);

  async function reply(): Promise<Reply> {
    const cancel = clock.after(REPLY_MS, () => socket.destroy());
    try {
      for (;;) {
        const read = reader.read();
        if (read !== undefined) return read;
        if (gone) throw new Error('the next hop went');
        await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      cancel();
    }
  }
  const ask = (command: string): Promise<Reply> => {
    socket.write(`${command}\r\n`);
    return reply();
  };
  const must = async (replied: Promise<Reply>): Promise<void> => {
    if ((await replied).code >= 300) throw new Error('the next hop refuses');
  };

  try {
    await must(reply());
    await must(ask('LHLO practice'));
    await must(ask(`MAIL FROM:<${sender}>`));
  } catch (error) {
    socket.destroy();
    throw error;
  }
  let taken = 0;
  return {
    async rcpt(recipient) {
      const answer = await ask(`RCPT TO:<${recipient}>`).catch(() => undefined);
      if (answer !== undefined && answer.code < 300) taken += 1;
      return answer === undefined ? GONE : inWords(answer);
    },
    async send(file, offset) {
      try {
        if ((await ask('DATA')).code !== 354) return '451 4.3.0 The next hop does not take it now';
        const stuffer = createStuffer();
        for await (const chunk of createReadStream(file, { start: offset })) {
          if (!socket.write(stuffer.push(chunk as Buffer))) await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
        }
        socket.write(Buffer.concat([stuffer.end(), Buffer.from('.\r\n')]));
        const answers: Reply[] = [];
        for (let n = 0; n < taken; n += 1) answers.push(await reply());
        const refused = answers.filter(({ code }) => code >= 300);
        if (refused.length === 0) return '250 2.0.0 Handed on';
        return refused.length < answers.length ? '451 4.3.0 It was taken for some of the recipients only' : inWords(refused[0]!);
      } catch {
        return GONE;
      }
    },
    close: () => void socket.end('QUIT\r\n'),
  };
}

const inWords = ({ code, lines }: Reply): string => `${code} ${lines.at(-1) ?? ''}`;
