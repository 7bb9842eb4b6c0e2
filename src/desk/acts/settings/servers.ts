/**
 * Under which names and ports customers' mail programs find us, of the configuration.
 *
 * Invariant: of two ways the one that is encrypted from the first byte is taken (RFC 8314, 3.3). The name is the
 * certificate's that speaks of the protocol, else of mail, else any of them; without named certificates the webmail's host,
 * and last the address that we listen on.
 */
import type { ActParts } from '../act.ts';
import type { Server } from '../api.ts';

const WAYS = [
  { protocol: 'imap', tls: 'imaps', starttls: 'imap', words: ['imap'] },
  { protocol: 'pop3', tls: 'pop3s', starttls: 'pop3', words: ['pop'] },
  { protocol: 'smtp', tls: 'submissions', starttls: 'submission', words: ['smtp', 'submission', 'send'] },
] as const;

export function serversOf({ config, ports }: Pick<ActParts, 'config' | 'ports'>): Server[] {
  const names = Object.keys(config.tls?.names ?? {}).filter((name) => !name.startsWith('*'));
  const portal = config.listen.webmail?.url === undefined ? undefined : URL.parse(config.listen.webmail.url)?.hostname;
  return WAYS.flatMap(({ protocol, tls, starttls, words }): Server[] => {
    const entry = config.listen[tls] !== undefined ? tls : config.listen[starttls] !== undefined ? starttls : undefined;
    if (entry === undefined) return [];
    const at = config.listen[entry]!;
    const named = (parts: readonly string[]): string | undefined => names.find((name) => parts.some((part) => name.split('.')[0]!.includes(part)));
    const host = named(words) ?? named(['mail']) ?? names[0] ?? portal ?? at.host;
    return [{ protocol, host, port: ports[entry] ?? at.port, security: entry === tls ? 'TLS' : 'STARTTLS' }];
  });
}
