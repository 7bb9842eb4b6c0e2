/**
 * `<folder>/access.log`: one JSON object a line for every command that reached the platform, written before it runs:
 * `{time, session, port, user, command}`; for LMTP after each recipient's answer `{time, session, port, recipient, result}`.
 *
 * Invariants: a line is with the kernel before the command runs, so the file is complete after SIGKILL. At 256 MiB it
 * becomes `access.log.1` and a new one begins. A disk that is full loses lines, never commands. No secret is in it.
 */
import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const MOST_BYTES = 256 * 1024 * 1024;

export type Port = 'imap' | 'trusted' | 'pop3' | 'pop3-trusted' | 'sieve' | 'sieve-trusted' | 'submission' | 'submission-trusted' | 'lmtp';
export type Access = {
  readonly session: string;
  readonly port: Port;
  readonly user?: string | undefined;
  readonly command?: string;
  readonly recipient?: string;
  readonly result?: string;
  /** Where a proxy says that its client is, by XCLIENT. */
  readonly client?: string;
};
export type AccessLog = { write(access: Access): void; close(): void };

export function openAccessLog(folder: string, now: () => number): AccessLog {
  const file = join(folder, 'access.log');
  let handle = openSync(file, 'a', 0o600);
  let size = fstatSync(handle).size;
  return {
    write(access) {
      try {
        if (size > MOST_BYTES) {
          renameSync(file, `${file}.1`);
          const full = handle;
          handle = openSync(file, 'a', 0o600);
          size = 0;
          closeSync(full);
        }
        size += writeSync(handle, `${JSON.stringify({ time: new Date(now()).toISOString(), ...access })}\n`);
      } catch {
        // See the invariant above.
      }
    },
    close: () => closeSync(handle),
  };
}
