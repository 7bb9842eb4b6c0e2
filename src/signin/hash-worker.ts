/**
 * A thread that hashes, with synchronous calls: libuv's pool, where DNS and files wait, stays free.
 *
 * Invariants: one job at a time, one answer a job; an encoded hash that cannot be checked is `unsupported`, never
 * `mismatch`.
 */
import { parentPort } from 'node:worker_threads';
import { hashSync, verifySync } from '@node-rs/argon2';
import { verify as verifyCrypt } from 'unixcrypt';
import { ARGON2ID, parseScheme } from './scheme.ts';

export type Job = { readonly secret: string; /** Absent: make a hash. */ readonly encoded?: string | undefined };
export type Match = 'match' | 'mismatch' | 'unsupported';
export type Answer = { readonly match: Match } | { readonly hash: string } | { readonly fault: string };

/** Whether the secret is the one that `encoded` was made of. Both libraries compare in constant time. */
export function verify(encoded: string, secret: string): Match {
  const parsed = parseScheme(encoded);
  if (parsed === undefined) return 'unsupported';
  try {
    switch (parsed.scheme) {
      case 'argon2id':
        return verifySync(parsed.encoded, secret) ? 'match' : 'mismatch';
      case 'crypt':
        return verifyCrypt(secret, parsed.encoded) ? 'match' : 'mismatch';
    }
  } catch {
    // Its form is right, its content is not (base64 of a wrong length, for one).
    return 'unsupported';
  }
}

/** A hash of our own: `{ARGON2ID}$argon2id$…`. */
export function makeHash(secret: string): string {
  return `{ARGON2ID}${hashSync(secret, ARGON2ID)}`;
}

parentPort?.on('message', (job: Job) => {
  let answer: Answer;
  try {
    answer = job.encoded === undefined ? { hash: makeHash(job.secret) } : { match: verify(job.encoded, job.secret) };
  } catch (error) {
    answer = { fault: error instanceof Error ? error.name : 'unknown' };
  }
  // eslint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort!.postMessage(answer);
});
