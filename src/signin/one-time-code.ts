/**
 * The codes that a phone makes (TOTP, RFC 6238: six digits, thirty seconds, HMAC-SHA-1, which is what all apps make).
 *
 * Invariant: whether a code served before is the caller's to know: it keeps the step.
 */
import { verify } from 'otplib';

export const STEP_S = 30;
/** One step before and after: a phone's clock, and the time of typing (RFC 6238, 5.2). */
const TOLERANCE_S = 30;

/** The time step of a right code; undefined for a wrong one. @param secret in base32 @param nowMs epoch */
export async function stepOf(secret: string, code: string, nowMs: number): Promise<number | undefined> {
  const token = code.replaceAll(/\s/g, '');
  if (!/^\d{6}$/.test(token)) return undefined;
  const epoch = Math.floor(nowMs / 1_000);
  const result = await verify({ secret, token, epoch, period: STEP_S, epochTolerance: TOLERANCE_S });
  return result.valid ? Math.floor(epoch / STEP_S) + result.delta : undefined;
}
