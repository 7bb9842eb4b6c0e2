/** Wires changes of secrets, names and states to the platforms that are told of them, and to the sessions that they end. */
import type { Config, PlatformConfig } from '#config/index.ts';
import { type Account, type Mirror, OURS, type PlatformFacts, platformFacts } from '#directory/index.ts';
import { startProvisioner, type Provisioner } from '#directory/outbox/provisioner.ts';
import { createCommandPush } from '#directory/outbox/push-command.ts';
import { createHttpPush } from '#directory/outbox/push-http.ts';
import type { Push } from '#directory/outbox/push.ts';
import { createSeal, type Seal } from '#directory/outbox/seal.ts';
import type { Clock } from '#events/clock.ts';
import { defineEvent, type Emit } from '#events/index.ts';
import { createSecrets, loadKnownGoodKey, type Secrets } from '#signin/index.ts';
import type { Store } from '#store/index.ts';

const sealedOff = defineEvent<{ platforms: string }>('serve.secrets-not-sealed', 'error');

export function factsOf(config: Config): PlatformFacts {
  return platformFacts(Object.values(config.platforms));
}

/** From the key of the known good; undefined without one. */
export function loadSeal(): Seal | undefined {
  const key = loadKnownGoodKey();
  return key === undefined ? undefined : createSeal(key);
}

export function openSecrets(config: Config, store: Store, makeHash: (secret: string) => Promise<string>): Secrets {
  return createSecrets({ store, makeHash, seal: loadSeal(), facts: factsOf(config) });
}

export function startPushing(config: Config, store: Store, clock: Clock, emit: Emit): Provisioner {
  const pushes = new Map(Object.values(config.platforms).flatMap((platform) => pushOf(platform)));
  const seal = loadSeal();
  const inClear = Object.values(config.platforms).filter(({ provisioner }) => provisioner?.secret === 'clear');
  if (seal === undefined && inClear.length > 0) emit(sealedOff, { platforms: inClear.map(({ name }) => name).join(' ') });
  return startProvisioner({ store, pushes, seal, clock, emit });
}

function pushOf({ name, provisioner }: PlatformConfig): [string, Push][] {
  if (provisioner === undefined) return [];
  return [[name, provisioner.kind === 'http' ? createHttpPush(provisioner) : createCommandPush(provisioner)]];
}

/** Ends the sessions of accounts that may not have them any more, in the turn in which that is heard. */
export function endSessionsWith(mirror: Mirror, endAccount: (accountId: number, text: string, protocol?: 'submission' | 'webmail') => void): void {
  mirror.onAccount((before, now) => {
    const text = whyEnded(before, now);
    if (text !== undefined) return endAccount(before.id, text);
    if (now?.sessionsEndedAt !== before.sessionsEndedAt) return endAccount(before.id, 'Signed out.');
    if (asksAgain(before, now)) endAccount(before.id, 'Signed out.', 'webmail');
    if (now?.state === 'send-blocked' && before.state !== 'send-blocked') endAccount(before.id, 'Sending from this account is blocked.', 'submission');
  });
}

/** The portal asks for each browser's pass again when none of its account's connections is left (webmail/pool.ts). */
function asksAgain(before: Account, now: Account | undefined): boolean {
  return now?.state !== before.state || now.credentialVersion !== before.credentialVersion || now.endedPasses?.some((id) => before.endedPasses?.includes(id) !== true) === true;
}

/** Devices with the new secret come back by themselves; those with the old one are told so. */
function whyEnded(before: Account, now: Account | undefined): string | undefined {
  if (now === undefined || (now.state === 'closed' && before.state !== 'closed')) return 'This account has been closed.';
  if (now.state === 'suspended' && before.state !== 'suspended') return 'This account is suspended.';
  // A platform's own change is learnt by a check beside, which ends the session that it was learnt by.
  if (now.authority === OURS && now.credentialVersion > before.credentialVersion) return 'The password of this account has changed.';
  const left = new Set(now.appPasswords?.map(({ id }) => id));
  if (before.appPasswords?.some(({ id }) => !left.has(id)) === true) return 'An app password of this account was revoked.';
  return undefined;
}
