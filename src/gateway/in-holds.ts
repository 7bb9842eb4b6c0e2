/**
 * Which sessions have a part in their account's holds.
 *
 * Invariant: all that can change a mailbox. Submission changes none, unless the platform itself writes copies of what was
 * sent: elsewhere such a session goes on at the platform where it began, whatever becomes of the account.
 */
import type { PlatformConfig } from '#config/index.ts';
import type { Protocol } from '#signin/verdict.ts';

/** @param home the platform of the session, by name */
export type InHolds = (protocol: Protocol, home: string) => boolean;

export const ALL_IN_HOLDS: InHolds = () => true;

export function createInHolds(platforms: Readonly<Record<string, Pick<PlatformConfig, 'submission'>>>): InHolds {
  return (protocol, home) => protocol !== 'submission' || platforms[home]?.submission?.sentCopies !== false;
}
