/**
 * What only the system's crypt(3) can check: yescrypt (`$y$`, Debian's own since 11; `$gy$`) and the traditional DES.
 * Perl's `crypt` is that function; perl-base is on every Debian. A native binding (koffi) would save some 5 ms of CPU a
 * check, of schemes that are left at the first sign-in, and be one more thing that runs in the process that holds secrets.
 *
 * Invariants: secret and hash go by standard input, never by the command line or the environment. Where there is no
 * perl, or its libcrypt does not know the scheme, the check throws, which is `unsupported`, never a mismatch.
 */
import { execFileSync } from 'node:child_process';
import { type Checkable, type Fault, sameBytes } from './scheme.ts';

const PERL = '/usr/bin/perl';
/** crypt(3) takes bytes, and so does perl here. What libcrypt does not know begins with "*", or is nothing. */
const PROGRAM = 'binmode STDIN; local $/; my ($e, $s) = split /\\0/, <STDIN>, 2; my $r = crypt($s, $e); print defined $r ? $r : "*"';
/** What one check may cost is bounded by its parameters; a perl that takes longer hangs. */
const MOST_MS = 4_000;

/** @throws Error where it cannot be said */
function crypt(encoded: string, secret: string): string {
  const made = execFileSync(PERL, ['-e', PROGRAM], {
    input: Buffer.concat([Buffer.from(encoded, 'latin1'), Buffer.from([0]), Buffer.from(secret)]),
    env: {},
    timeout: MOST_MS,
    maxBuffer: 4_096,
    stdio: ['pipe', 'pipe', 'ignore'],
  }).toString('latin1');
  if (made.length < 13 || made.startsWith('*')) throw new Error('crypt(3) does not know the scheme');
  return made;
}

const matches = (encoded: string) => (secret: string): boolean => sameBytes(Buffer.from(crypt(encoded, secret), 'latin1'), Buffer.from(encoded, 'latin1'));

/** With the least parameters that yescrypt has. */
const YESCRYPT_OF_X = '$y$j/.$abcd$ml0P2pqgrZkOyBzrlDku5PT/WUk2lk3qFlpYc74gPoC';

let known: boolean | undefined;

/** Whether this machine can check them at all. Asks once; takes some milliseconds. */
export function hasSystemCrypt(): boolean {
  try {
    known ??= crypt(YESCRYPT_OF_X, 'x') === YESCRYPT_OF_X;
  } catch {
    known = false;
  }
  return known;
}

const ITOA64 = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const YESCRYPT = /^\$g?y\$j([./0-9A-Za-j])([./0-9A-Za-j])\$[./0-9A-Za-z]{0,86}\$[./0-9A-Za-z]{43}$/;
/** KiB, as for Argon2. Debian's default takes 16 MiB. */
const MOST_MEMORY = 262_144;

/**
 * `$y$j9T$salt$hash`: flags `j` (the defaults), then log2 N and r, one character each below 48 (libxcrypt's
 * `decode64_uint32`), and nothing after them. Others are not made by passwd(1), and are malformed here.
 */
export function parseYescrypt(encoded: string): Checkable | Fault {
  const parts = YESCRYPT.exec(encoded);
  if (parts === null) return 'malformed';
  const [logN, r] = [ITOA64.indexOf(parts[1]!) + 1, ITOA64.indexOf(parts[2]!) + 1];
  // 128 bytes times r times N.
  if (logN > 24 || (2 ** logN * r) / 8 > MOST_MEMORY) return 'costly';
  return { ours: false, matches: matches(encoded) };
}

/** DES looks at the low seven bits of eight characters. */
const DES_LENGTH = 8;

/** Two characters of salt, eleven of hash. */
export function parseDesCrypt(encoded: string): Checkable | Fault {
  if (!/^[./0-9A-Za-z]{12}[.26AEIMQUYcgkosw]$/.test(encoded)) return 'malformed';
  return { ours: false, matches: matches(encoded), isWhole: (secret) => secret.length < DES_LENGTH && /^[\x20-\x7e]*$/.test(secret) };
}
