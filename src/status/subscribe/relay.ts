/**
 * The relay that takes our letters: one connection for a round of them.
 *
 * Invariant: `send` ends with the relay's word on that one letter: taken, `refused` for good, or anything else, which may be
 * tried later. A connection that failed is not used again.
 */
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import { connect, type Endpoint, type SubmissionConnection } from '#submission/connect.ts';

export type RelayConfig = { readonly endpoint: Endpoint; readonly user: string | undefined; readonly password: { reveal(): string } | undefined; readonly from: string };

export type Relay = {
  /** @throws CausewayError `refused` for good, others for now */
  send(to: string, message: Buffer): Promise<void>;
  close(): Promise<void>;
};

const CONNECT_MS = 10_000;
/** RFC 5321, 4.5.3.2 has ten minutes for a server that looks at what it takes; a delivery is ours for two. */
const COMMAND_MS = 30_000;

export function openRelay({ endpoint, user, password, from }: RelayConfig, clock: Clock): Relay {
  let open: SubmissionConnection | undefined;

  async function ready(): Promise<SubmissionConnection> {
    if (open !== undefined) return open;
    const connection = await connect(endpoint, { clock, connectMs: CONNECT_MS, commandMs: COMMAND_MS });
    try {
      if (user !== undefined && password !== undefined) await connection.login({ user, password: password.reveal() });
    } catch (error) {
      connection.destroy();
      // The relay's no to us says nothing about a letter.
      throw new CausewayError('unavailable', 'the relay does not let us sign in', { cause: error });
    }
    return (open = connection);
  }

  return {
    async send(to, message) {
      const connection = await ready();
      try {
        await connection.send({ mailFrom: from, rcptTo: [to] }, message);
      } catch (error) {
        open = undefined;
        connection.destroy();
        throw error;
      }
    },
    async close() {
      const connection = open;
      open = undefined;
      await connection?.quit().catch(() => connection.destroy());
    },
  };
}
