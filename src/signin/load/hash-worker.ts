/**
 * A thread that hashes, with synchronous calls: libuv's pool, where DNS and files wait, stays free.
 *
 * Invariants: one job at a time, one answer a job; an encoded hash that cannot be checked is `unsupported`, never
 * `mismatch`.
 */
import { parentPort } from 'node:worker_threads';
import { parseScheme } from '../scheme.ts';
import { makeHash } from '../schemes/argon2.ts';

export type Job = { readonly secret: string; /** Absent: make a hash. */ readonly encoded?: string | undefined };
export type Match = 'match' | 'mismatch' | 'unsupported';
export type Answer = { readonly match: Match } | { readonly hash: string } | { readonly fault: string };

/** Whether the secret is the one that `encoded` was made of. */
export function verify(encoded: string, secret: string): Match {
  const parsed = parseScheme(encoded);
  if (parsed === undefined) return 'unsupported';
  try {
    return parsed.matches(secret) ? 'match' : 'mismatch';
  } catch {
    // Its form is right, its content is not.
    return 'unsupported';
  }
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
