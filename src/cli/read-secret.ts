/**
 * A secret from a person or a script: never from the command line, which every user of the machine can read.
 *
 * Invariant: it is not shown, and not kept in any history.
 */
import { CausewayError } from '#errors/index.ts';

/** Far above any secret. */
const MOST_BYTES = 4_096;

/** The first line of standard input; from a terminal it is asked for twice, without an echo. */
export async function readSecret(): Promise<string> {
  if (!process.stdin.isTTY) return (await readAll()).split(/\r?\n/, 1)[0]!;
  const first = await ask('New password: ');
  if (first !== (await ask('Once more: '))) throw new CausewayError('usage', 'the two are not alike');
  return first;
}

async function readAll(): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_BYTES) throw new CausewayError('usage', 'standard input is no password');
    chunks.push(chunk);
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
}

const CTRL_C = 0x03;
const CTRL_D = 0x04;
const BACKSPACES: readonly number[] = [0x08, 0x7f];
const ENDS: readonly number[] = [0x0d, 0x0a];

/** One line from the terminal, without an echo. @throws CausewayError `aborted` on Ctrl-C */
export function ask(prompt: string): Promise<string> {
  process.stderr.write(prompt);
  process.stdin.setRawMode(true);
  process.stdin.resume();
  return new Promise((resolve, reject) => {
    let bytes: number[] = [];
    const end = (finish: () => void): void => {
      process.stdin.off('data', onData);
      process.stdin.setRawMode(false);
      process.stdin.pause();
      process.stderr.write('\n');
      finish();
    };
    const onData = (chunk: Buffer): void => {
      for (const byte of chunk) {
        if (byte === CTRL_C || byte === CTRL_D) return end(() => reject(new CausewayError('aborted', 'nothing was changed')));
        if (ENDS.includes(byte)) return end(() => resolve(Buffer.from(bytes).toString('utf8')));
        // A character of several bytes goes as one.
        if (BACKSPACES.includes(byte)) bytes = [...Buffer.from([...Buffer.from(bytes).toString('utf8')].slice(0, -1).join(''))];
        else if (bytes.length < MOST_BYTES) bytes.push(byte);
      }
    };
    process.stdin.on('data', onData);
  });
}
