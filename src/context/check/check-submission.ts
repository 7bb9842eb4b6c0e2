/** What `causeway check` tries of a platform's submission. No message is sent. */
import type { Config, EntranceConfig, PlatformConfig } from '#config/index.ts';
import { loginFor } from '#directory/index.ts';
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import { isVouched } from '#gateway/backend.ts';
import { connect, type SubmissionConnection } from '#submission/connect.ts';
import { LIMITS } from './probe.ts';

type Attempt = readonly [what: string, work: () => Promise<string>];

/** Whom we say that we speak for: ourselves. */
const OURSELVES = { address: '127.0.0.1', port: 0 };

/** Nothing where neither the platform has submission nor we offer it. */
export function submissionAttempts({ listen }: Config, platform: PlatformConfig, clock: Clock): Attempt[] {
  const { name, submission, entrances } = platform;
  const offered = listen.submission !== undefined || listen.submissions !== undefined;
  if (submission === undefined) return offered ? [[`${name}: submission`, missing]] : [];
  return [
    [`${name}: submission`, () => session(platform, submission.port, clock, async ({ capabilities }) => announced(capabilities))],
    ...entrances.map((entrance): Attempt => [`${name}: ${entrance.kind} entrance, submission`, () => checkEntrance(platform, entrance, clock)]),
  ];
}

/** What clients are told of before anybody knows whose platform it will be (`gateway/submission/capability.ts`), and then use. */
const PROMISED = ['SIZE', '8BITMIME'];

function announced(capabilities: ReadonlySet<string>): string {
  const names = new Set([...capabilities].map((keyword) => keyword.split(' ')[0]));
  const lacking = PROMISED.filter((name) => !names.has(name));
  if (lacking.length === 0) return `greets; announces ${[...capabilities].join(', ')}`;
  throw new CausewayError('config', `does not announce ${lacking.join(' and ')}, which clients are told of before they sign in: it would refuse the mail of those that use it`);
}

async function missing(): Promise<string> {
  throw new CausewayError('config', 'none is configured, and "listen" offers it: accounts that live here could not send');
}

/** Proven with the sentinel's account: mail from it to itself must be taken, up to where its text would follow. */
async function checkEntrance(platform: PlatformConfig, entrance: EntranceConfig, clock: Clock): Promise<string> {
  const { sentinel, submission } = platform;
  if (sentinel === undefined) return 'not tried: the platform has no sentinel in the configuration';
  const { login, submissionPort } = loginFor(entrance, sentinel.login, sentinel.secret.reveal());
  return session(platform, submissionPort ?? submission!.port, clock, async (connection) => {
    const vouched = isVouched(platform, entrance, 'submission');
    if (submission!.clientAddress === 'xclient') await connection.introduce({ ...OURSELVES, login: vouched ? sentinel.login : undefined });
    if (!vouched) await connection.login(login);
    await connection.wouldTake(sentinel.login);
    return `takes mail from ${sentinel.login}${vouched ? ', by our word for who it is' : ''}`;
  });
}

async function session(platform: PlatformConfig, port: number, clock: Clock, work: (connection: SubmissionConnection) => Promise<string>): Promise<string> {
  const connection = await connect({ ...platform.submission!, port }, { clock, ...LIMITS });
  try {
    return await work(connection);
  } finally {
    await connection.quit().catch(() => connection.destroy());
  }
}
