/**
 * Signs in at a platform for an account. Invariant: only by an entrance that needs no secret of the customer, in the
 * configuration's order.
 */
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import type { PlatformConfig } from '#config/index.ts';
import { loginFor } from '#directory/platforms.ts';
import { connect } from '#imap/connect.ts';
import type { ImapConnection } from '#imap/connection.ts';

/** What the mover needs to know of a platform. */
export type MoverPlatform = Pick<PlatformConfig, 'name' | 'imap' | 'pop3' | 'sieve' | 'entrances'>;

export type AccessOptions = {
  readonly clock: Clock;
  readonly commandMs: number;
  readonly signal: AbortSignal;
  /** The owner's fence, asked synchronously before each write. */
  readonly beforeWrite: () => void;
  /** As `connect` takes it. */
  readonly asksFirst?: boolean;
};

/** A platform that does not take a connection within this is down for the moment; a healthy one takes milliseconds. */
const CONNECT_MS = 5_000;

export async function openPlatform(platform: MoverPlatform, address: string, options: AccessOptions): Promise<ImapConnection> {
  let failure: unknown = new CausewayError('config', `platform ${platform.name} has no trusted or master entrance`, {
    remedy: 'a move needs one: the customer is not there to give a password',
  });
  for (const entrance of platform.entrances) {
    if (entrance.kind === 'replay') continue;
    const { login, port } = loginFor(entrance, address);
    const { host, tls, ca, clientAddress } = platform.imap;
    const endpoint = { host, port: port ?? platform.imap.port, tls, clientAddress, ...(ca === undefined ? {} : { ca }) };
    let connection: ImapConnection | undefined;
    try {
      connection = await connect(endpoint, { ...options, connectMs: CONNECT_MS, bulk: true });
      await connection.login(login);
      return connection;
    } catch (error) {
      connection?.destroy();
      failure = asPassing(error, platform.name);
    }
  }
  throw failure;
}

/** An entrance's refusal is an outage of the platform's authentication or a mistake in its set-up: both are waited for. */
function asPassing(error: unknown, platform: string): unknown {
  if (!(error instanceof CausewayError) || error.code !== 'refused') return error;
  return new CausewayError('unavailable', `${platform} does not let us in: ${error.message}`, { cause: error });
}
