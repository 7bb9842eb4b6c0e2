/** Wires delivery to the directory and the platforms' LMTP. */
import type { Config } from '#config/index.ts';
import { openHandOver } from '#delivery/hand-over.ts';
import type { InFlight } from '#delivery/in-flight.ts';
import { type DeliveryServer, openDelivery } from '#delivery/server.ts';
import { addressAt, type DeliveryNotes, type Mirror } from '#directory/index.ts';
import type { Holds } from '#directory/route/index.ts';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import type { Figures } from '#store/figures.ts';

/** Above the 50 MB that most providers take; a platform's own limit is answered by the platform. */
const MAX_BYTES = 256 * 1024 * 1024;

export function startDelivery(parts: {
  config: Config;
  port: number;
  mirror: Mirror;
  holds: Holds;
  inFlight: InFlight;
  notes: DeliveryNotes;
  figures: Figures;
  clock: Clock;
  emit: Emit;
}): Promise<DeliveryServer> {
  const { config, port, mirror, holds, inFlight, notes, figures, clock, emit } = parts;
  return openDelivery({
    host: config.listen.lmtp!.host,
    port,
    name: config.instance,
    maxBytes: MAX_BYTES,
    clock,
    emit,
    inFlight,
    note(seen) {
      notes.note(seen);
      // A hold is a second's wait, not an outcome.
      if (seen.outcome !== 'held') figures.add(`delivery.${seen.outcome}`, { platform: seen.platform });
    },
    async findRecipient(address) {
      const account = mirror.byRecipient(address) ?? (await mirror.confirmRecipient(address));
      if (account === undefined) return undefined;
      return { accountId: account.id, closed: account.state === 'closed', addressAt: (platform) => addressAt(account, address, platform) };
    },
    settled: async (accountId, waitMs) => void (await holds.home(accountId, { waitMs })),
    homeNow: (accountId) => holds.homeNow(accountId)?.home,
    openHandOver: (platform) => openHandOver(config.platforms[platform]!.lmtp, config.instance, clock),
  });
}
