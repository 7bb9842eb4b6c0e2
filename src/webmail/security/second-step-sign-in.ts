/**
 * The second step of signing in: the code, after the password.
 *
 * Invariants: what is between the steps is a sealed cookie that serves for nothing else and HALF_S, so the password is not
 * asked twice, and is kept nowhere. "Wrong" is said only of a code that was judged; wrong ones count for the asking of codes
 * alone (code-limits.ts), and lock no device.
 */
import type { Context } from 'hono';
import { z } from 'zod';
import { looksLikeRecoveryCode } from '#directory/index.ts';
import type { AskAccount } from '#gateway/ask-account.ts';
import type { App, AppEnv } from '#http/app.ts';
import { addressOf } from '#http/server.ts';
import { subscriberOf } from '#net/networks.ts';
import type { History } from '#signin/history.ts';
import { bodyOf } from '#http/body.ts';
import { refusing } from '../refusal.ts';
import { createSealedCookie, type SealedCookie } from '#http/sealed-cookie.ts';
import { codeBody } from './api.ts';
import type { CodeLimits } from './code-limits.ts';
import type { Codes } from './codes.ts';
import { deviceOf, type Enter } from './enter.ts';

/** To find the phone, or the sheet with the recovery codes. */
const HALF_S = 600;

const halfSchema = z.strictObject({ accountId: z.int(), version: z.int(), stay: z.boolean(), /** The code was right, and what came then was not possible at that moment. */ passed: z.literal(true).optional() });
export type HalfPass = z.infer<typeof halfSchema>;

export function createHalfPasses(key: Buffer, now: () => number): SealedCookie<HalfPass> {
  return createSealedCookie({ name: 'half', key, schema: halfSchema, seconds: HALF_S, now });
}

type Parts = { readonly halves: SealedCookie<HalfPass>; readonly keysOf: AskAccount['keysOf']; readonly codes: Codes; readonly limits: CodeLimits; readonly enter: Enter; readonly history: History; readonly holdBack: (since: number, signal: AbortSignal) => Promise<void>; readonly monotonic: () => number };

export function addSecondStepSignIn(app: App, { halves, keysOf, codes, limits, enter, history, holdBack, monotonic }: Parts): void {
  app.post('/api/sign-in/code', async (c) => {
    const { code } = await bodyOf(c, codeBody);
    const half = halves.read(c);
    if (half === undefined) throw tooLate();
    const { accountId, version } = half;
    const keys = await keysOf(accountId);
    if (keys === undefined || keys.version !== version) throw tooLate();
    // Turned off meanwhile: the password was right.
    if (keys.secondStep !== undefined && half.passed !== true) {
      const isRecovery = looksLikeRecoveryCode(code);
      const subscriber = subscriberOf(addressOf(c.env));
      const waitMs = limits.waitMs(accountId, subscriber, isRecovery);
      if (waitMs > 0) throw tooMany(waitMs);
      const since = monotonic();
      const verdict = await codes.judge(accountId, keys.secondStep, code);
      const note = (outcome: 'accepted' | 'rejected'): void =>
        history.note({ accountId, protocol: 'webmail', network: addressOf(c.env), device: deviceOf(c), outcome, means: isRecovery ? 'recovery-code' : 'code', reason: outcome === 'accepted' ? '' : 'code' });
      if (verdict !== 'right') {
        // One that served is no guess: a double click, or two tabs.
        if (verdict === 'wrong') limits.wrong(accountId, subscriber);
        if (verdict === 'wrong') note('rejected');
        await holdBack(since, c.req.raw.signal);
        throw verdict === 'wrong' ? wrong(isRecovery) : usedUp();
      }
      limits.right(accountId, subscriber);
      note('accepted');
      // A code serves once: who is held in this moment is not asked for another.
      halves.set(c, { ...half, passed: true });
    }
    const { address } = await enter(c, half);
    halves.drop(c);
    return c.json({ address });
  });
}

/** The password was right: what comes next is asked for. */
export function askForCode(c: Context<AppEnv>, halves: SealedCookie<HalfPass>, half: HalfPass, address: string): Response {
  halves.set(c, half);
  return c.json({ address, step: 'code' });
}

const tooLate = (): Error => refusing({ status: 409, code: 'too-late', sentence: 'That took a little too long. Please enter your password again.' });
const usedUp = (): Error => refusing({ status: 403, code: 'code-used', sentence: 'This code has served already. Please wait for the next one.' });
const wrong = (isRecovery: boolean): Error =>
  refusing({ status: 403, code: 'code', sentence: isRecovery ? 'This recovery code is not right, or has served already. Each one serves once.' : 'This code is not right. Please enter the one that your phone shows now. Your password is fine.' });
const tooMany = (waitMs: number): Error =>
  refusing({ status: 429, code: 'code-limit', sentence: 'There were too many wrong codes. Please wait, or sign in with a passkey. Your password is fine, and your other devices go on working.', retryAfterSeconds: Math.ceil(waitMs / 1_000) });
