/** A message being received, written as it comes to a file in the platform's `tmp`, never held in memory. */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';

export type Spool = {
  readonly file: string;
  size(): number;
  write(bytes: Buffer): void;
  /** Ends the writing; the file stays until it is taken or dropped. */
  finish(): void;
  /** Removes the file if it is still there. */
  drop(): void;
};

export function openSpool(directory: string): Spool {
  const file = join(directory, randomUUID());
  const handle = openSync(file, 'wx', 0o600);
  let open = true;
  let size = 0;
  const finish = (): void => {
    if (open) closeSync(handle);
    open = false;
  };
  return {
    file,
    size: () => size,
    write(bytes) {
      let done = 0;
      while (done < bytes.length) done += writeSync(handle, bytes, done);
      size += bytes.length;
    },
    finish,
    drop() {
      finish();
      rmSync(file, { force: true });
    },
  };
}
