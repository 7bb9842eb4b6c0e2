/**
 * An IMAP account as a URL: `imaps://user@host:993` (RFC 5092, less what is after the host).
 *
 * Invariants: a URL with a password in it is refused, since everybody on the machine can read a command line; without
 * encryption nothing is sent unless the URL says so by its name.
 */
import { CausewayError } from '#errors/index.ts';
import type { Endpoint } from '#net/endpoint.ts';

export type ImapUrl = { readonly endpoint: Endpoint; readonly user: string; readonly text: string };

const SCHEMES: Readonly<Record<string, { tls: Endpoint['tls']; port: number }>> = {
  imaps: { tls: 'implicit', port: 993 },
  imap: { tls: 'starttls', port: 143 },
  'imap+plain': { tls: 'plain', port: 143 },
};

const REMEDY = 'expected imaps://user@host, imap://user@host (STARTTLS), or imap+plain://user@host (no encryption: within a network of your own only)';

/** @throws CausewayError `usage` */
export function parseImapUrl(text: string): ImapUrl {
  // Not by URL: it takes "jane@isp.example@host" for several things, and encodes what login names have in them.
  const [, scheme = '', userinfo = '', host = '', port] = /^([a-z+]+):\/\/(?:(.*)@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?\/?$/.exec(text) ?? [];
  const kind = SCHEMES[scheme];
  if (userinfo.includes(':')) {
    throw new CausewayError('usage', 'a password does not belong on a command line, which every user of this machine can read', {
      remedy: 'leave it out, or give a file: --source-password-file, --target-password-file. A colon of a login name is written %3A.',
    });
  }
  let user: string;
  try {
    user = decodeURIComponent(userinfo);
  } catch (cause) {
    throw new CausewayError('usage', 'a login name with a "%" that is no code; "%" itself is written %25', { cause, remedy: REMEDY });
  }
  const number = port === undefined ? kind?.port : Number(port);
  if (kind === undefined || user === '' || number === undefined || number < 1 || number > 65_535) throw new CausewayError('usage', 'this is no account on an IMAP server', { remedy: REMEDY });
  const bare = host.replace(/^\[|\]$/g, '');
  return { endpoint: { host: bare, port: number, tls: kind.tls }, user, text: `${scheme}://${userinfo}@${host}${port === undefined ? '' : `:${port}`}` };
}
