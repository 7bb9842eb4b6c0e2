/** What `causeway check` tries of a platform's ManageSieve. */
import type { Config, EntranceConfig, PlatformConfig } from '#config/index.ts';
import { loginFor } from '#directory/index.ts';
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import { connect, type SieveConnection } from '#sieve/connect.ts';
import { LIMITS } from './probe.ts';

type Attempt = readonly [what: string, work: () => Promise<string>];

/** Nothing where neither the platform has ManageSieve nor we offer it. */
export function sieveAttempts({ listen }: Config, platform: PlatformConfig, clock: Clock): Attempt[] {
  const { name, sieve, entrances } = platform;
  if (sieve === undefined) return listen.sieve === undefined ? [] : [[`${name}: ManageSieve`, missing]];
  return [
    [`${name}: ManageSieve`, () => session(platform, sieve.port, clock, async (connection) => greetingOf(connection))],
    ...entrances.map((entrance): Attempt => [`${name}: ${entrance.kind} entrance, ManageSieve`, () => checkEntrance(platform, entrance, clock)]),
  ];
}

async function missing(): Promise<string> {
  throw new CausewayError('config', 'none is configured, and "listen" offers it: accounts that live here could not be served by ManageSieve');
}

/** @throws CausewayError `refused` where we could not sign in: PLAIN is what we speak */
function greetingOf({ capabilities }: SieveConnection): string {
  const mechanisms = [...capabilities].find((line) => line.startsWith('SASL ')) ?? 'SASL';
  if (!mechanisms.split(' ').includes('PLAIN')) throw new CausewayError('refused', 'greets, and does not offer PLAIN');
  return 'greets, with PLAIN';
}

/** Proven with the sentinel's account: it must list its scripts. Nothing is changed. */
async function checkEntrance(platform: PlatformConfig, entrance: EntranceConfig, clock: Clock): Promise<string> {
  const { sentinel, sieve } = platform;
  if (sentinel === undefined) return 'not tried: the platform has no sentinel in the configuration';
  const { login, sievePort } = loginFor(entrance, sentinel.login, sentinel.secret.reveal());
  return session(platform, sievePort ?? sieve!.port, clock, async (connection) => {
    await connection.login(login);
    const { length } = await connection.listScripts();
    return `lists ${sentinel.login}'s scripts (${length})`;
  });
}

async function session(platform: PlatformConfig, port: number, clock: Clock, work: (connection: SieveConnection) => Promise<string>): Promise<string> {
  const connection = await connect({ ...platform.sieve!, port }, { clock, ...LIMITS });
  try {
    return await work(connection);
  } finally {
    await connection.logout().catch(() => connection.destroy());
  }
}
