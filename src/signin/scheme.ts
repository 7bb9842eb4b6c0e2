/**
 * Encoded hashes as they are kept and imported: Dovecot's scheme prefix, or crypt(3)'s and Argon2's own `$id$`.
 *
 * Invariants: what is not understood to the letter is `unsupported`, never a mismatch; a hash that would take a worker
 * for longer than about half a second is not checked at all, so an import file cannot stop the hashing.
 */

export type Parsed =
  | { readonly scheme: 'argon2id'; readonly encoded: string; readonly ownParameters: boolean }
  | { readonly scheme: 'crypt'; readonly encoded: string };

/**
 * OWASP's first choice for Argon2id (Password Storage Cheat Sheet): 19 MiB, 2 passes, 1 lane. One core makes about 106
 * checks a second, so a storm of 2,800 customers takes two cores 13 s; the 64 MiB and 3 passes that are also common
 * would take 90 s.
 */
export const ARGON2ID = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** KiB in one check. Each worker holds that much; 256 MiB is four times Dovecot's default. */
const MOST_MEMORY = 262_144;
/** KiB times passes: about half a second. */
const MOST_WORK = 1_048_576;
/** About a quarter of a second; 200 times the default of 5,000. */
const MOST_ROUNDS = 1_000_000;
/** crypt(3) takes fewer as 1,000 and writes 1,000: a stored hash never has less. */
const LEAST_ROUNDS = 1000;

const PREFIX = /^\{([A-Za-z0-9-]{1,32})\}/;
const ARGON2ID_FORM = /^\$argon2id\$v=19\$m=([1-9]\d{0,6}),t=([1-9]\d{0,3}),p=([1-9]\d?)\$[A-Za-z0-9+/]{11,128}\$[A-Za-z0-9+/]{16,128}$/;
const CRYPT_FORM = /^\$([56])\$(?:rounds=([1-9]\d{3,6})\$)?[./0-9A-Za-z]{0,16}\$([./0-9A-Za-z]+)$/;
const CRYPT_LENGTH: Record<string, number> = { '5': 43, '6': 86 };

/** Which `$id$`s a prefix may stand before. `CRYPT` is Dovecot's word for whatever crypt(3) knows. */
const SCHEMES: Record<string, readonly ('argon2id' | '5' | '6')[]> = {
  ARGON2ID: ['argon2id'],
  'SHA512-CRYPT': ['6'],
  'SHA256-CRYPT': ['5'],
  CRYPT: ['5', '6'],
};

/** @returns undefined when the scheme, its parameters or its form are not ours to check */
export function parseScheme(encoded: string): Parsed | undefined {
  const prefix = PREFIX.exec(encoded);
  if (prefix === null) return parseBare(encoded, ['argon2id', '5', '6']);
  const name = prefix[1]!.toUpperCase();
  const rest = encoded.slice(prefix[0].length);
  const allowed = SCHEMES[name];
  return allowed === undefined ? undefined : parseBare(rest, allowed);
}

/** Whether a hash that matched should be made anew with our own scheme and parameters. */
export function wantsRehash(encoded: string): boolean {
  const parsed = parseScheme(encoded);
  return parsed !== undefined && !(parsed.scheme === 'argon2id' && parsed.ownParameters);
}

function parseBare(encoded: string, allowed: readonly string[]): Parsed | undefined {
  const argon2id = allowed.includes('argon2id') ? ARGON2ID_FORM.exec(encoded) : null;
  if (argon2id !== null) {
    const [memory, passes, lanes] = [Number(argon2id[1]), Number(argon2id[2]), Number(argon2id[3])];
    if (memory > MOST_MEMORY || memory * passes > MOST_WORK) return undefined;
    const own = memory === ARGON2ID.memoryCost && passes === ARGON2ID.timeCost && lanes === ARGON2ID.parallelism;
    return { scheme: 'argon2id', encoded, ownParameters: own };
  }
  const crypt = CRYPT_FORM.exec(encoded);
  if (crypt === null || !allowed.includes(crypt[1]!) || crypt[3]!.length !== CRYPT_LENGTH[crypt[1]!]) return undefined;
  const rounds = Number(crypt[2] ?? 5000);
  return rounds < LEAST_ROUNDS || rounds > MOST_ROUNDS ? undefined : { scheme: 'crypt', encoded };
}
