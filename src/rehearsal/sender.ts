/**
 * The world's mail: an MX that hands messages over by LMTP all the time, and retries what it was told to retry.
 *
 * Invariants: a message that was answered 4xx is sent again with the same id; one whose DATA got no answer is journalled
 * as unknown and sent again under a new id, so that a double is counted as undecided and not as ours.
 */
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import type { Journal, Outcome } from './journal.ts';
import type { Random } from './random.ts';

export type SenderParts = {
  readonly port: number;
  readonly journal: Journal;
  readonly random: Random;
  readonly recipients: readonly string[];
  /** Messages a second in all. */
  readonly rate: number;
  readonly stopping: AbortSignal;
  sleep(ms: number): Promise<void>;
  onOutcome(outcome: Outcome): void;
};

/** Sends until told to stop, then until nothing waits for a retry. */
export async function sendMail(parts: SenderParts): Promise<void> {
  const { random, stopping } = parts;
  const open = new Set<Promise<void>>();
  while (!stopping.aborted) {
    const delivery = deliver(random.pick(parts.recipients), parts).finally(() => open.delete(delivery));
    open.add(delivery);
    await parts.sleep((2 * random.next() * 1_000) / parts.rate);
  }
  await Promise.all(open);
}

async function deliver(recipient: string, parts: SenderParts): Promise<void> {
  const { random } = parts;
  const text = 'You have been chosen.\r\n.\r\n..two dots\r\n'.repeat(1 + random.below(80));
  for (let round = 0; ; round += 1) {
    const id = `${recipient}-${Date.now().toString(36)}-${random.below(1e9).toString(36)}`;
    const message = Buffer.from(`X-Rehearsal-Id: ${id}\r\nTo: <${recipient}>\r\nSubject: news\r\n\r\n${text}`);
    const sha = createHash('sha256').update(message).digest('hex');
    const breakOff = round === 0 && random.chance(0.02);
    const outcome = await parts.journal.perform({ act: 'deliver', account: recipient, key: `id:${id}`, sha }, async () => {
      for (;;) {
        const answer = await transact(parts.port, recipient, message, breakOff);
        if (answer !== 'later') return answer;
        await parts.sleep(500 + random.next() * 1_500);
      }
    });
    parts.onOutcome(outcome);
    if (outcome !== 'unknown') return;
    await parts.sleep(500 + random.next() * 1_500);
  }
}

/** One LMTP transaction. `later`: refused for now or never begun; `unknown`: the message was sent and not answered. */
function transact(port: number, recipient: string, message: Buffer, breakOff: boolean): Promise<Outcome | 'later'> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    let step = 0;
    let buffer = '';
    const end = (outcome: Outcome | 'later'): void => {
      socket.destroy();
      resolve(outcome);
    };
    const lost = (): void => end(step > DATA ? 'unknown' : 'later');
    socket.setTimeout(60_000, lost);
    socket.on('error', lost);
    socket.on('close', lost);
    const lines = ['LHLO mx.example', `MAIL FROM:<world@elsewhere.example>`, `RCPT TO:<${recipient}>`, 'DATA'];
    socket.on('data', (chunk) => {
      buffer += chunk.toString('latin1');
      const reply = /^(?:\d{3}-[^\n]*\n)*(\d{3}) [^\n]*\n/.exec(buffer);
      if (reply === null) return;
      buffer = buffer.slice(reply[0].length);
      const code = Number(reply[1]);
      if (code >= 400) return end(code < 500 ? 'later' : 'refused');
      if (step === DATA + 1) return end('done');
      if (step < lines.length) {
        socket.write(`${lines[step]}\r\n`);
        step += 1;
        return;
      }
      step = DATA + 1;
      socket.write(Buffer.from(`${message.toString('latin1').replace(/^\./gm, '..')}.\r\n`, 'latin1'));
      // A sender that loses its line at the worst moment: everything said, nothing heard.
      if (breakOff) socket.end(() => end('unknown'));
    });
  });
}

const DATA = 4;
