/** What `causeway check` tries of a platform's POP3. */
import type { Config, EntranceConfig, PlatformConfig } from '#config/index.ts';
import { loginFor } from '#directory/index.ts';
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import { connect, type Pop3Connection } from '#pop3/connect.ts';
import { LIMITS } from './probe.ts';

type Attempt = readonly [what: string, work: () => Promise<string>];

/** Nothing where neither the platform has POP3 nor we offer it. */
export function pop3Attempts({ listen }: Config, platform: PlatformConfig, clock: Clock): Attempt[] {
  const { name, pop3, entrances } = platform;
  const offered = listen.pop3 !== undefined || listen.pop3s !== undefined;
  if (pop3 === undefined) return offered ? [[`${name}: POP3`, missing]] : [];
  // One after the other: a maildrop has room for one session.
  let before: Promise<unknown> = Promise.resolve();
  const inTurn = (entrance: EntranceConfig) => (): Promise<string> => {
    const turn = before.then(() => checkEntrance(platform, entrance, clock));
    before = turn.catch(() => {});
    return turn;
  };
  return [
    [`${name}: POP3`, () => session(platform, pop3.port, clock, async () => 'greets')],
    ...entrances.map((entrance): Attempt => [`${name}: ${entrance.kind} entrance, POP3`, inTurn(entrance)]),
  ];
}

async function missing(): Promise<string> {
  throw new CausewayError('config', 'none is configured, and "listen" offers it: accounts that live here could not be served by POP3');
}

/** Proven with the sentinel's account: it must open its maildrop. Nothing is fetched. */
async function checkEntrance(platform: PlatformConfig, entrance: EntranceConfig, clock: Clock): Promise<string> {
  const { sentinel, pop3 } = platform;
  if (sentinel === undefined) return 'not tried: the platform has no sentinel in the configuration';
  const { login, pop3Port } = loginFor(entrance, sentinel.login, sentinel.secret.reveal());
  return session(platform, pop3Port ?? pop3!.port, clock, async (connection) => {
    try {
      await connection.login(login);
    } catch (error) {
      if (error instanceof CausewayError && error.code === 'conflict') return `lets us in; another session has ${sentinel.login}'s maildrop`;
      throw error;
    }
    const { messages } = await connection.stat();
    return `opens ${sentinel.login}'s maildrop (${messages} messages)`;
  });
}

async function session(platform: PlatformConfig, port: number, clock: Clock, work: (connection: Pop3Connection) => Promise<string>): Promise<string> {
  const connection = await connect({ ...platform.pop3!, port }, { clock, ...LIMITS });
  try {
    return await work(connection);
  } finally {
    await connection.quit().catch(() => connection.destroy());
  }
}
