/**
 * Tells a platform by a program: the message as JSON on its standard input.
 *
 * Invariants: nothing of the message is on the command line or in the environment, where other users could read it. Exit
 * status 0 is `done`, 67 (sysexits.h: no such user) is `absent`, all else is told again. What it writes to standard error
 * is not kept: a program may write there what it was given.
 */
import { spawn } from 'node:child_process';
import { CausewayError } from '#errors/index.ts';
import { loginIn } from './push.ts';
import type { Push } from './push.ts';

const LONGEST_OUTPUT = 65_536;
const EX_NOUSER = 67;

export type CommandHook = { readonly program: string; readonly args: readonly string[] };

export function createCommandPush({ program, args }: CommandHook): Push {
  return (message, signal) =>
    new Promise((resolve, reject) => {
      const fail = (text: string, cause?: unknown): void => reject(new CausewayError('unavailable', text, { place: program, ...(cause === undefined ? {} : { cause }) }));
      const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'], signal, killSignal: 'SIGKILL' });
      let output = '';
      child.stdout.setEncoding('utf8');
      child.stdout.on('data', (chunk: string) => {
        if (output.length < LONGEST_OUTPUT) output += chunk;
      });
      child.once('error', (error) => fail(`cannot be run: ${error.message}`, error));
      // One that ends without reading is judged by its status.
      child.stdin.on('error', () => {});
      child.once('close', (status, killed) => {
        if (status === 0) resolve({ answer: 'done', login: loginIn(output) });
        else if (status === EX_NOUSER) resolve({ answer: 'absent' });
        else fail(status === null ? `ended by ${killed ?? 'a signal'}` : `exit status ${status}`);
      });
      child.stdin.end(JSON.stringify(message));
    });
}
