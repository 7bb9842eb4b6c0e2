/** SHA-crypt: `$5$` (SHA-256) and `$6$` (SHA-512), as crypt(3) makes them (Ulrich Drepper, "Unix crypt using SHA-256 and SHA-512"). */
import { verify } from 'unixcrypt';
import type { Checkable, Fault } from './scheme.ts';

/** About a quarter of a second; 200 times the default of 5,000. */
const MOST_ROUNDS = 1_000_000;
/** crypt(3) takes fewer as 1,000 and writes 1,000: a stored hash never has less. */
const LEAST_ROUNDS = 1000;

const FORM = /^\$([56])\$(?:rounds=([1-9]\d{0,8})\$)?[./0-9A-Za-z]{1,16}\$([./0-9A-Za-z]+)$/;
const LENGTH: Record<string, number> = { '5': 43, '6': 86 };

export function parseShaCrypt(id: '5' | '6', encoded: string): Checkable | Fault {
  const parts = FORM.exec(encoded);
  if (parts === null || parts[1] !== id || parts[3]!.length !== LENGTH[id]) return 'malformed';
  const rounds = Number(parts[2] ?? 5000);
  if (rounds < LEAST_ROUNDS) return 'malformed';
  return rounds > MOST_ROUNDS ? 'costly' : { ours: false, matches: (secret) => verify(secret, encoded) };
}
