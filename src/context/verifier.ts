/** By what each platform's word on a secret is asked, as the configuration says. */
import type { Config, PlatformConfig } from '#config/index.ts';
import type { Clock } from '#events/clock.ts';
import { connect } from '#imap/connect.ts';
import { connect as connectPop3 } from '#pop3/connect.ts';
import { createHttpSignIn, createImapSignIn, createLdapSignIn, createPop3SignIn, type SignInAtPlatform, type SignInThere } from '#signin/index.ts';

/** A healthy platform takes a connection in milliseconds; sign-in has 8 s for the whole check. */
const CONNECT_MS = 4_000;
const COMMAND_MS = 8_000;

export function verifiersOf(config: Config, clock: Clock): SignInAtPlatform {
  const verifiers = new Map(Object.values(config.platforms).map((platform) => [platform.name, verifierOf(platform, clock)]));
  return (platform, login, secret, signal) => verifiers.get(platform)!(login, secret, signal);
}

export function verifierOf(platform: PlatformConfig, clock: Clock): SignInThere {
  const { verifier } = platform;
  switch (verifier.kind) {
    case 'imap': {
      const signIn = createImapSignIn((_name, signal) => dial(platform, clock, signal));
      return (login, secret, signal) => signIn(platform.name, login, secret, signal);
    }
    case 'pop3':
      return createPop3SignIn((signal) => connectPop3(verifier, { clock, connectMs: CONNECT_MS, commandMs: COMMAND_MS, signal }));
    case 'ldap': {
      const { host, port, tls, ca, dn, search } = verifier;
      const bind = search?.bind;
      const searching = search === undefined ? undefined : { ...search, bind: bind && { dn: bind.dn, secret: () => bind.secret.reveal() } };
      return createLdapSignIn({ host, port, tls, ca, dn, search: searching });
    }
    case 'http':
      return createHttpSignIn(verifier);
  }
}

function dial(platform: PlatformConfig, clock: Clock, signal: AbortSignal): ReturnType<typeof connect> {
  const { host, port, tls, ca, clientAddress } = platform.imap;
  return connect({ host, port, tls, clientAddress, ...(ca === undefined ? {} : { ca }) }, { clock, connectMs: CONNECT_MS, commandMs: COMMAND_MS, signal });
}
