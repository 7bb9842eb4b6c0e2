/**
 * Whether a platform answers: a connection, its greeting, a goodbye.
 *
 * Invariant: nothing waits for these and nothing depends on them. A platform that is away when an instance starts must
 * not keep the other platform's customers from their mail.
 */
import type { Config, PlatformConfig } from '#config/index.ts';
import { openHandOver } from '#delivery/hand-over.ts';
import { messageOf } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import { defineEvent, type Emit } from '#events/index.ts';
import { connect } from '#imap/connect.ts';

/** A healthy platform answers in milliseconds, a far and busy one in a second. */
export const LIMITS = { connectMs: 5_000, commandMs: 10_000 };

const unreachable = defineEvent<{ platform: string; protocol: string; place: string; message: string }>(
  'serve.platform-unreachable',
  'error',
  ['log', 'count'],
  ['platform', 'protocol'],
);

/** @returns its capabilities @throws CausewayError */
export async function probeImap(platform: PlatformConfig, clock: Clock): Promise<string> {
  const connection = await connect({ ...platform.imap }, { clock, ...LIMITS });
  const capabilities = [...connection.capabilities].join(' ');
  await connection.logout().catch(() => connection.destroy());
  return capabilities;
}

/** @param name what we call ourselves @throws CausewayError */
export async function probeLmtp(platform: PlatformConfig, name: string, clock: Clock): Promise<string> {
  const handOver = await openHandOver(platform.lmtp, name, clock);
  handOver.end();
  return 'greets and takes LHLO';
}

/** Tries every platform once, all at the same time, and tells of those that do not answer. Never rejects. */
export async function tellUnreachable(config: Config, clock: Clock, emit: Emit): Promise<void> {
  await Promise.all(
    Object.values(config.platforms).flatMap((platform) => {
      const tell = (protocol: 'imap' | 'lmtp') => (error: unknown) => {
        const { host, port } = platform[protocol];
        emit(unreachable, { platform: platform.name, protocol, place: `${host}:${port}`, message: messageOf(error) });
      };
      return [probeImap(platform, clock).catch(tell('imap')), probeLmtp(platform, config.instance, clock).catch(tell('lmtp'))];
    }),
  );
}
