/**
 * How we sign in at a platform for one of its accounts. Pure.
 *
 * Invariant: a name never reaches a platform in which the platform would read somebody else's: neither one with its
 * master separator (Dovecot's `auth_master_user_separator`: "jane*causeway" is Jane, acted for by causeway) nor one
 * with control characters.
 */
import { CausewayError } from '#errors/index.ts';
import type { EntranceConfig, PlatformConfig } from '#config/index.ts';
import { isName } from './names.ts';

/** Credentials as the IMAP and POP3 clients take them; `authzid` asks for SASL PLAIN (RFC 4616). */
export type EntranceLogin = {
  readonly login: { readonly user: string; readonly password: string; readonly authzid?: string };
  /** Where the entrance has a port of its own, for IMAP. */
  readonly port?: number;
  /** The same for the others. */
  readonly pop3Port?: number;
  readonly submissionPort?: number;
  readonly sievePort?: number;
};

/**
 * The credentials for `address` through `entrance`.
 * @param presentedSecret what the customer gave, for the replay entrance; never kept
 * @throws CausewayError('input') for an address that must not be sent there; CausewayError('unavailable') for replay
 *   without a secret
 */
export function loginFor(entrance: EntranceConfig, address: string, presentedSecret?: string): EntranceLogin {
  refuseForeignName(address, separatorOf(entrance));
  switch (entrance.kind) {
    case 'trusted':
      return withPorts(entrance, { user: address, password: entrance.secret.reveal() });
    case 'master': {
      const password = entrance.secret.reveal();
      return entrance.style === 'authzid'
        ? withPorts(entrance, { user: entrance.user, password, authzid: address })
        : withPorts(entrance, { user: `${address}${entrance.separator}${entrance.user}`, password });
    }
    case 'replay':
      if (presentedSecret === undefined) {
        throw new CausewayError('unavailable', 'the replay entrance serves only with a secret that was just presented', {
          retryable: false,
          place: address,
          remedy: 'give the platform a master or a trusted entrance',
        });
      }
      return { login: { user: address, password: presentedSecret } };
  }
}

/**
 * Throws where `name`, as a customer typed it, must not be sent to `platform` through any entrance.
 * @throws CausewayError('input')
 */
export function refuseForeignNames(platform: PlatformConfig, name: string): void {
  for (const entrance of platform.entrances) refuseForeignName(name, separatorOf(entrance));
}

/** Whether a name, as a customer typed it, must be sent to none of the platforms. */
export function namesOfOthers(platforms: Readonly<Record<string, PlatformConfig>>): (name: string) => boolean {
  return (name) => {
    try {
      for (const platform of Object.values(platforms)) refuseForeignNames(platform, name);
      return false;
    } catch {
      return true;
    }
  };
}

function separatorOf(entrance: EntranceConfig): string | undefined {
  return entrance.kind === 'master' && entrance.style === 'separator' ? entrance.separator : undefined;
}

function refuseForeignName(name: string, separator: string | undefined): void {
  if (separator !== undefined && name.includes(separator)) {
    throw new CausewayError('input', `the name contains "${separator}", which the platform takes for a master user's separator`);
  }
  if (!isName(name)) throw new CausewayError('input', 'the name is empty, too long, or has white space or control characters');
}

function withPorts(entrance: Exclude<EntranceConfig, { kind: 'replay' }>, login: EntranceLogin['login']): EntranceLogin {
  const { port, pop3Port, submissionPort, sievePort } = entrance;
  return {
    login,
    ...(port === undefined ? {} : { port }),
    ...(pop3Port === undefined ? {} : { pop3Port }),
    ...(submissionPort === undefined ? {} : { submissionPort }),
    ...(sievePort === undefined ? {} : { sievePort }),
  };
}
