/**
 * Password hashes as import files hold them. Invariant: what is kept is a one-way hash with Dovecot's scheme prefix. A
 * secret in clear is hashed before it is kept (`clearSecret`); one that is equivalent to it on the wire is refused.
 */

/** Schemes of Dovecot's that hold the secret itself; CRAM-MD5 and the DIGESTs are equivalent to it on the wire. */
const REVERSIBLE = new Set(['PLAIN', 'CLEAR', 'CLEARTEXT', 'PLAIN-TRUNC', 'CRAM-MD5', 'HMAC-MD5', 'DIGEST-MD5', 'RPA', 'OTP', 'SKEY']);

/** crypt(3) prefixes that say what they are without a scheme. */
const CRYPT: readonly [prefix: string, scheme: string][] = [
  ['$argon2id$', 'ARGON2ID'],
  ['$argon2i$', 'ARGON2I'],
  ['$6$', 'SHA512-CRYPT'],
  ['$5$', 'SHA256-CRYPT'],
  ['$2a$', 'BLF-CRYPT'],
  ['$2b$', 'BLF-CRYPT'],
  ['$2y$', 'BLF-CRYPT'],
  ['$1$', 'MD5-CRYPT'],
  ['$y$', 'CRYPT'],
];

/** Longest hash: Argon2id with 64 bytes of salt and hash takes 200; SCRAM-SHA-256 with keys some 200. */
const HASH_LIMIT = 1_024;

/**
 * Whoever checks secrets says why one could never be checked against this hash; undefined when it can. What it says
 * names the scheme and holds nothing else of the hash.
 */
export type HashFault = (encoded: string) => string | undefined;

/**
 * The hash in its stored form, with an upper-case scheme.
 * @returns a text that says what is wrong, in `mistake`, without the hash itself
 */
export function normaliseHash(text: string, faultOf: HashFault): { hash: string } | { mistake: string; remedy: string } {
  if (text.length > HASH_LIMIT) return { mistake: `the hash is longer than ${HASH_LIMIT} characters`, remedy: REMEDY };
  const prefixed = /^\{([A-Za-z0-9_-]+)(\.[A-Za-z0-9]+)?\}([\x21-\x7e]+)$/.exec(text);
  if (prefixed !== null) {
    const scheme = prefixed[1]!.toUpperCase();
    if (REVERSIBLE.has(scheme)) {
      return { mistake: `the scheme {${scheme}} keeps the password itself`, remedy: 'leave the hash empty: it is learnt at the first sign-in' };
    }
    return checked(`{${scheme}${prefixed[2]?.toLowerCase() ?? ''}}${prefixed[3]}`, faultOf);
  }
  const known = CRYPT.find(([prefix]) => text.startsWith(prefix));
  if (known !== undefined && /^[\x21-\x7e]+$/.test(text)) return checked(`{${known[1]}}${text}`, faultOf);
  return { mistake: 'the hash has no scheme', remedy: REMEDY };
}

function checked(hash: string, faultOf: HashFault): { hash: string } | { mistake: string; remedy: string } {
  const mistake = faultOf(hash);
  return mistake === undefined ? { hash } : { mistake, remedy: 'leave the hash empty: with a platform as authority it is learnt at the first sign-in' };
}

const REMEDY = "write it with Dovecot's scheme prefix, for example {SHA512-CRYPT}$6$...";

/** Longer than any secret that signs in: see SECRET_BYTES in signin/presentable.ts. */
const CLEAR_LIMIT = 1_024;

/** The secret itself, where an import file has it in clear: `{PLAIN}`, `{CLEAR}` and `{CLEARTEXT}` of Dovecot's. */
export function clearSecret(text: string): string | undefined {
  const found = /^\{(?:PLAIN|CLEAR|CLEARTEXT)(?:\.(b64|base64|hex))?\}(.+)$/is.exec(text);
  if (found === null) return undefined;
  const secret = found[1] === undefined ? found[2]! : Buffer.from(found[2]!, found[1].toLowerCase() === 'hex' ? 'hex' : 'base64').toString('utf8');
  return secret === '' || Buffer.byteLength(secret) > CLEAR_LIMIT || /[\0\uFFFD]/.test(secret) ? undefined : secret;
}
