/** A platform for this room's tests, which says yes, no, or nothing. */
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import type { SignInAtPlatform } from './verifiers/verifier.ts';

export const SENTINEL = 'sentinel@old.example';

export type PlatformMode = 'well' | 'dead' | 'hangs' | 'refuses-all';

export type FakePlatform = {
  readonly signInAtPlatform: SignInAtPlatform;
  readonly platform: {
    mode: PlatformMode;
    /** Address to secret. */
    readonly secrets: Map<string, string>;
    /** Addresses that are refused whatever they present. */
    readonly refuses: Set<string>;
    /** Every sign-in that came, sentinels not included. */
    readonly asked: { login: string; secret: string; at: number }[];
    latencyMs: number;
    /** Instead of `latencyMs`: how long a sign-in takes now. */
    serve: (() => Promise<void>) | undefined;
    /** Whether it says no to this sign-in, whatever is presented. */
    saysNo: (() => boolean) | undefined;
    /** The sentinel's sign-ins that came. */
    sentinels: number;
  };
};

export function createFakePlatform(clock: Clock, latencyMs: number): FakePlatform {
  const platform: FakePlatform['platform'] = {
    mode: 'well',
    secrets: new Map([[SENTINEL, 'sentinel-secret']]),
    refuses: new Set(),
    asked: [],
    latencyMs,
    serve: undefined,
    saysNo: undefined,
    sentinels: 0,
  };
  const signInAtPlatform: SignInAtPlatform = async (_name, login, secret) => {
    if (login === SENTINEL) platform.sentinels += 1;
    else platform.asked.push({ login, secret, at: clock.monotonic() });
    if (platform.serve !== undefined) await platform.serve();
    else await clock.sleep(platform.latencyMs);
    if (platform.mode === 'hangs') return new Promise(() => {});
    if (platform.mode === 'dead') throw new CausewayError('unavailable', 'the platform is dead');
    const right = platform.mode === 'well' && platform.saysNo?.() !== true && !platform.refuses.has(login) && platform.secrets.get(login) === secret;
    // What it found is on its way for a while.
    if (platform.serve === undefined) await clock.sleep(platform.latencyMs);
    return right ? 'accepted' : 'refused';
  };

  return { platform, signInAtPlatform };
}
