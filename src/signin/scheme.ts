/**
 * Encoded hashes as they are kept and imported: Dovecot's scheme prefix, with or without its `.b64` or `.hex`, or
 * crypt(3)'s and Argon2's own `$id$`. Each family of schemes has a file in `schemes/`.
 *
 * Invariants: what is not understood to the letter is `unsupported`, never a mismatch; a hash that would take a worker
 * for longer than about half a second is not checked at all, so an import file cannot stop the hashing.
 */
import { parseArgon2 } from './schemes/argon2.ts';
import { parseBcrypt } from './schemes/bcrypt.ts';
import { type Algorithm, parseDigest } from './schemes/digest.ts';
import { parseMd5Crypt } from './schemes/md5-crypt.ts';
import { parsePbkdf2, parseScram } from './schemes/pbkdf2.ts';
import { type Checkable, decodeBase64, decodeHex, type Family, type Fault, ofText } from './schemes/scheme.ts';
import { parseShaCrypt } from './schemes/sha-crypt.ts';
import { hasSystemCrypt, parseDesCrypt, parseYescrypt } from './schemes/system-crypt.ts';

export type { Checkable } from './schemes/scheme.ts';

const PREFIX = /^\{([A-Za-z0-9-]{1,32})(?:\.([A-Za-z0-9]{1,8}))?\}/;

/** How the content is written when the prefix does not say: `plain` is as it is, `either` hex or base64 by its length. */
type Encoding = 'plain' | 'b64' | 'either';

type Scheme = { readonly encoding: Encoding; readonly parse: Family };

const text = (parse: (content: string) => Checkable | Fault): Scheme => ({ encoding: 'plain', parse: ofText(parse) });
const digest = (algorithm: Algorithm): Scheme => ({ encoding: 'either', parse: (bytes) => parseDigest(algorithm, false, bytes) });
const salted = (algorithm: Algorithm): Scheme => ({ encoding: 'b64', parse: (bytes) => parseDigest(algorithm, true, bytes) });

/** What begins with the `$id$` of crypt(3) or of Argon2 says itself what it is. */
const BY_ID: readonly (readonly [id: string, parse: (content: string) => Checkable | Fault])[] = [
  ['$argon2id$', (content) => parseArgon2('id', content)],
  ['$argon2i$', (content) => parseArgon2('i', content)],
  ['$6$', (content) => parseShaCrypt('6', content)],
  ['$5$', (content) => parseShaCrypt('5', content)],
  ['$2a$', parseBcrypt],
  ['$2b$', parseBcrypt],
  ['$2y$', parseBcrypt],
  ['$1$', parseMd5Crypt],
  ['$y$', parseYescrypt],
  ['$gy$', parseYescrypt],
];

/** Names of what is left to the system: see `schemes/system-crypt.ts`. */
const SYSTEM = /\$g?y\$|DES/;

const SCHEMES: Readonly<Record<string, Scheme>> = {
  ARGON2ID: text((content) => parseArgon2('id', content)),
  ARGON2I: text((content) => parseArgon2('i', content)),
  'BLF-CRYPT': text(parseBcrypt),
  BCRYPT: text(parseBcrypt),
  'SHA512-CRYPT': text((content) => parseShaCrypt('6', content)),
  'SHA256-CRYPT': text((content) => parseShaCrypt('5', content)),
  'MD5-CRYPT': text(parseMd5Crypt),
  'DES-CRYPT': text(parseDesCrypt),
  SHA: digest('sha1'),
  SHA1: digest('sha1'),
  SHA256: digest('sha256'),
  SHA512: digest('sha512'),
  'PLAIN-MD5': digest('md5'),
  'LDAP-MD5': digest('md5'),
  SSHA: salted('sha1'),
  SSHA256: salted('sha256'),
  SSHA512: salted('sha512'),
  SMD5: salted('md5'),
  PBKDF2: text(parsePbkdf2),
  'SCRAM-SHA-1': text((content) => parseScram('sha1', content)),
  'SCRAM-SHA-256': text((content) => parseScram('sha256', content)),
};

/** @returns undefined when the scheme, its parameters or its form are not ours to check */
export function parseScheme(encoded: string): Checkable | undefined {
  const read = readScheme(encoded);
  return typeof read.outcome === 'string' ? undefined : read.outcome;
}

/** Whether a hash that `secret` matched should be made anew of it with our own scheme and parameters. */
export function wantsRehash(encoded: string, secret: string): boolean {
  const parsed = parseScheme(encoded);
  return parsed?.ours === false && parsed.isWhole?.(secret) !== false;
}

/**
 * Why a hash could never be checked, in words that hold nothing of it but the scheme's name; undefined when it can be.
 * For those who import hashes.
 */
export function schemeFault(encoded: string): string | undefined {
  const { name, outcome } = readScheme(encoded);
  if (outcome === 'unknown') return `the scheme ${name} cannot be checked`;
  if (SYSTEM.test(name) && !hasSystemCrypt()) return `the scheme ${name} needs perl and a libcrypt that knows it, which this machine has not`;
  if (outcome === 'malformed') return `the hash is not of the form of ${name}`;
  if (outcome === 'costly') return `the hash has ${name} with more memory or rounds than one check may take`;
  return undefined;
}

function readScheme(encoded: string): { name: string; outcome: Checkable | Fault | 'unknown' } {
  const prefix = PREFIX.exec(encoded);
  if (prefix === null) return readById(encoded, '');
  const name = prefix[1]!.toUpperCase();
  const rest = encoded.slice(prefix[0].length);
  const suffix = prefix[2]?.toLowerCase();
  // Dovecot's `CRYPT` is whatever crypt(3) knows, its `MD5` the crypt or the bare digest.
  if (name === 'CRYPT' || (name === 'MD5' && (suffix !== undefined || rest.startsWith('$')))) {
    const content = suffix === undefined ? rest : decode(rest, suffix)?.toString('latin1');
    return content === undefined || content.startsWith('$argon2') ? { name: `{${name}}`, outcome: 'malformed' } : readById(content, `{${name}}`);
  }
  const scheme = name === 'MD5' ? SCHEMES['PLAIN-MD5'] : Object.hasOwn(SCHEMES, name) ? SCHEMES[name] : undefined;
  if (scheme === undefined) return { name: `{${name}}`, outcome: 'unknown' };
  const content = decode(rest, suffix ?? scheme.encoding);
  return { name: `{${name}}`, outcome: content === undefined ? 'malformed' : scheme.parse(content) };
}

function readById(content: string, prefix: string): { name: string; outcome: Checkable | Fault | 'unknown' } {
  const known = BY_ID.find(([id]) => content.startsWith(id));
  if (known !== undefined) return { name: `${prefix}${known[0]}`, outcome: ofText(known[1])(Buffer.from(content)) };
  if (prefix === '{CRYPT}' && !content.startsWith('$')) return { name: '{CRYPT} of DES', outcome: ofText(parseDesCrypt)(Buffer.from(content)) };
  // An id is short; what is none may be anything, and is not repeated.
  return { name: `${prefix}${/^\$[0-9a-z-]{1,10}\$/.exec(content)?.[0] ?? (prefix === '' ? 'that has no prefix' : ' without $id$')}`, outcome: 'unknown' };
}

/** `b64` and `base64`, `hex`: Dovecot's suffixes (doc "Password schemes", "Encoding"). */
function decode(content: string, encoding: string): Buffer | undefined {
  switch (encoding) {
    case 'plain':
      return Buffer.from(content);
    case 'b64':
    case 'base64':
      return decodeBase64(content);
    case 'hex':
      return decodeHex(content);
    case 'either':
      // Twice as many digits as bytes; no base64 of 16, 20, 32 or 64 bytes is as long.
      return [32, 40, 64, 128].includes(content.length) ? decodeHex(content) : decodeBase64(content);
    default:
      return undefined;
  }
}
