/** The tag and the name of a client's command, read from its first line, and why a signed-in client may not send it. */
import { tagOf } from '#wire/imap/command.ts';

export type CommandHead = { readonly tag: string; /** Upper case; '' when missing. */ readonly name: string };

/** Clients use tags of 1 to 16 characters; each answer repeats it. */
const TAG_LIMIT = 255;
/** The longest registered command is shorter. */
const NAME_LIMIT = 64;
const NAME = /^ +([A-Za-z0-9.-]+)/;

/** Undefined when the line does not begin with a tag. */
export function commandHead(line: Buffer): CommandHead | undefined {
  const tag = tagOf([line]);
  if (tag === undefined || tag.length > TAG_LIMIT) return undefined;
  const name = NAME.exec(line.toString('latin1', tag.length, tag.length + NAME_LIMIT))?.[1] ?? '';
  return { tag, name: name.toUpperCase() };
}

const NOT_CARRIED: ReadonlyMap<string, string> = new Map([
  ['COMPRESS', 'Compression is not offered here.'],
  ['UNAUTHENTICATE', 'Signing out without leaving is not offered here.'],
  ['STARTTLS', 'TLS is begun before signing in.'],
  ['AUTHENTICATE', 'Already signed in.'],
  ['LOGIN', 'Already signed in.'],
  ['XCLIENT', 'Only the gateway says where a client comes from.'],
]);

/**
 * Why a command of a signed-in client is not passed on, as the text of a BAD; undefined when it is.
 * @param continued whether the line ends with a literal's mark
 */
export function notCarried({ name }: CommandHead, line: Buffer, continued: boolean): string | undefined {
  if (name === 'ID' && (continued || namesOrigin(line))) return 'Only the gateway says where a client comes from.';
  return NOT_CARRIED.get(name);
}

/**
 * The ID fields that servers trust when a proxy sends them (Dovecot: x-originating-ip, x-connected-ip, x-proxy-ttl,
 * x-session-id, x-forward-...): a platform that trusts our address would believe them of a client too.
 */
const ORIGIN = /\bx-(?:originating|connected|proxy|session|forward)/i;

/** Whether the fields of an ID command (RFC 2971) say where the client comes from. */
export function namesOrigin(line: Buffer): boolean {
  return ORIGIN.test(line.toString('latin1'));
}
