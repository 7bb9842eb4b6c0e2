/**
 * Tries everything that a configuration names, and changes nothing.
 *
 * Each finding is one line: what was tried, whether it is well, and what was seen.
 */
import type { Config, PlatformConfig } from '#config/index.ts';
import { loginFor } from '#directory/index.ts';
import { CausewayError, messageOf } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import { silent } from '#events/index.ts';
import { connect } from '#imap/connect.ts';
import { type CertificateFiles, secureContext } from '#net/certificate.ts';
import { openStore } from '#store/index.ts';
import { sql } from 'kysely';
import { frontDoorAttempts } from './check-front-doors.ts';
import { oidcAttempts } from './check-oidc.ts';
import { pop3Attempts } from './check-pop3.ts';
import { provisionerAttempts } from './check-provisioner.ts';
import { sieveAttempts } from './check-sieve.ts';
import { submissionAttempts } from './check-submission.ts';
import { LIMITS, probeImap, probeLmtp } from './probe.ts';
import { verifierOf } from '../verifier.ts';

export type Finding = { readonly what: string; readonly well: boolean; readonly seen: string };

/** All at the same time: a platform that hangs costs its time-out once. */
export async function check(config: Config, clock: Clock): Promise<Finding[]> {
  const found = [attempt('database', () => checkDatabase(config, clock))];
  const tryCertificate = (what: string, files: CertificateFiles): void => void found.push(attempt(what, async () => (secureContext(files), files.certificate)));
  if (config.tls !== undefined) tryCertificate('certificate', config.tls);
  for (const [host, files] of Object.entries(config.tls?.names ?? {})) tryCertificate(`certificate of ${host}`, files);
  for (const [what, work] of [...frontDoorAttempts(config), ...oidcAttempts(config, clock)]) found.push(attempt(what, work));
  for (const platform of Object.values(config.platforms)) {
    found.push(attempt(`${platform.name}: IMAP`, () => probeImap(platform, clock)));
    found.push(attempt(`${platform.name}: LMTP`, () => probeLmtp(platform, config.instance, clock)));
    // One after the other: Dovecot makes the sentinel's INBOX at its first opening, and of two at once one fails.
    let before: Promise<unknown> = Promise.resolve();
    const inTurn = (what: string, work: () => Promise<string>): void => {
      const done = before.then(() => attempt(what, work));
      before = done;
      found.push(done);
    };
    inTurn(`${platform.name}: ${platform.verifier.kind} verifier`, () => checkVerifier(platform, clock));
    for (const attempts of [pop3Attempts, submissionAttempts, sieveAttempts]) found.push(...attempts(config, platform, clock).map(([what, work]) => attempt(what, work)));
    found.push(...provisionerAttempts(platform).map(([what, work]) => attempt(what, work)));
    for (const entrance of platform.entrances) inTurn(`${platform.name}: ${entrance.kind} entrance`, () => checkEntrance(platform, entrance, clock));
  }
  return Promise.all(found);
}

async function attempt(what: string, work: () => Promise<string>): Promise<Finding> {
  try {
    return { what, well: true, seen: await work() };
  } catch (error) {
    return { what, well: false, seen: complaint(error) };
  }
}

/** One line: where, and what. A message may name its place already. */
function complaint(error: unknown): string {
  const message = messageOf(error);
  const place = error instanceof CausewayError ? error.place : undefined;
  return place === undefined || message.includes(place) ? message : `${place}: ${message}`;
}

async function checkDatabase(config: Config, clock: Clock): Promise<string> {
  if (config.database === undefined) return 'the embedded PostgreSQL, started by serve';
  const store = await openStore({ connectionString: config.database.url.reveal() }, { emit: silent, clock, poolSize: 1 });
  try {
    const { rows } = await sql<{ version: string }>`select current_setting('server_version') as version`.execute(store.db());
    return `PostgreSQL ${rows[0]?.version}`;
  } finally {
    await store.close();
  }
}

/** Every entrance is proven with the sentinel's account: it must open its INBOX. */
async function checkEntrance(platform: PlatformConfig, entrance: PlatformConfig['entrances'][number], clock: Clock): Promise<string> {
  const { sentinel } = platform;
  if (sentinel === undefined) return 'not tried: the platform has no sentinel in the configuration';
  const { login, port } = loginFor(entrance, sentinel.login, sentinel.secret.reveal());
  const connection = await connect({ ...platform.imap, port: port ?? platform.imap.port }, { clock, ...LIMITS });
  try {
    await connection.login(login);
    await connection.examine('INBOX');
    return `opens ${sentinel.login}'s INBOX${entrance.kind === 'trusted' ? ', without the platform’s authentication if it is what it says' : ''}`;
  } finally {
    await connection.logout().catch(() => connection.destroy());
  }
}

/** A right secret must be accepted; were it refused, no refusal of this platform would ever count. */
async function checkVerifier(platform: PlatformConfig, clock: Clock): Promise<string> {
  const { sentinel } = platform;
  if (sentinel === undefined) return 'not tried: the platform has no sentinel in the configuration';
  const late = new AbortController();
  const timer = new AbortController();
  clock.sleep(LIMITS.commandMs, timer.signal).then(
    () => late.abort(),
    () => {}, // it was in time
  );
  try {
    const answer = await verifierOf(platform, clock)(sentinel.login, sentinel.secret.reveal(), late.signal);
    if (answer === 'accepted') return `accepts ${sentinel.login}'s password`;
    throw new CausewayError('refused', `refuses ${sentinel.login}'s password`, { remedy: 'put the right one into the sentinel’s passwordFile' });
  } finally {
    timer.abort();
  }
}
