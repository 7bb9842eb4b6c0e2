/**
 * What a client presents to sign in, checked for form before anybody judges it.
 *
 * Invariants: a login name has no control characters and none that a platform would read as another name (a master
 * separator); nobody signs in for another. Why something is refused is said without blaming the password.
 */
import { decodePlain } from '#wire/sasl.ts';
import { textOf, type Token } from '#wire/imap/tokens.ts';

export type Credentials = {
  readonly login: string;
  readonly secret: string;
  /** What the client calls its host, where the protocol has it say so. */
  readonly host?: string;
  /** What it says of itself, where it does. */
  readonly device?: string;
};

/** An address is at most 254 octets (RFC 5321 section 4.5.3.1.3); a login name may have something before it. */
const LOGIN_LIMIT = 512;
/** RFC 4616 asks for 1,024 octets. */
const SECRET_LIMIT = 1_024;

/** The arguments of LOGIN. A string says why they are refused. */
export function loginCredentials(args: readonly Token[], foreignName: (login: string) => boolean): Credentials | string {
  if (args.length !== 2 || args.some((arg) => arg.kind === 'list')) return 'LOGIN has two arguments.';
  return checked(textOf(args[0]), textOf(args[1]), foreignName);
}

/** A SASL PLAIN response in base64. A string says why it is refused. */
export function plainCredentials(base64: string, foreignName: (login: string) => boolean): Credentials | string {
  const decoded = decodePlain(base64);
  if (decoded === undefined) return 'That is no PLAIN response.';
  const { authzid, authcid, secret } = decoded;
  if (authzid !== '' && authzid !== authcid) return 'Signing in for another account is not offered here.';
  return checked(authcid, secret, foreignName);
}

/** A login name and a secret that came apart. A string says why they are refused. */
export function checked(login: string, secret: string, foreignName: (login: string) => boolean): Credentials | string {
  return whyNotLogin(login, foreignName) ?? whyNotSecret(secret) ?? { login, secret };
}

/** Why a login name cannot be one; undefined when it can. */
export function whyNotLogin(login: string, foreignName: (login: string) => boolean): string | undefined {
  if (login === '') return 'A login name is needed.';
  if (Buffer.byteLength(login) > LOGIN_LIMIT) return 'The login name is too long.';
  if (/[\p{Cc}\u{fffd}]/u.test(login) || foreignName(login)) return 'The login name has a character that is not allowed in one.';
  return undefined;
}

/** Why a secret cannot be presented; undefined when it can. */
export function whyNotSecret(secret: string): string | undefined {
  if (secret === '') return 'A password is needed.';
  if (Buffer.byteLength(secret) > SECRET_LIMIT) return 'The password is too long.';
  // In SASL PLAIN, as which it may go on, a NUL would move the border between name and password.
  return secret.includes('\0') ? 'A NUL was sent.' : undefined;
}
