/**
 * The headers of a webhook's call, as Standard Webhooks has them (standardwebhooks.com).
 *
 * Invariants: pure. The id and the time are signed with the body, so a call that was overheard cannot be sent again later: a
 * receiver refuses what is older than five minutes. Compared in constant time.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

const TOLERANCE_SECONDS = 300;

/** @param at ms since the epoch */
export function signed(secret: string, id: string, body: string, at: number): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(at / 1_000));
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${digest(secret, id, timestamp, body).toString('base64')}` };
}

/** As a receiver judges. @param headers names in small letters @param now ms since the epoch */
export function isSigned(secret: string, body: string, headers: Readonly<Record<string, string | string[] | undefined>>, now: number): boolean {
  const [id, timestamp, signature] = [headers['webhook-id'], headers['webhook-timestamp'], headers['webhook-signature']];
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signature !== 'string') return false;
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(now / 1_000 - Number(timestamp)) > TOLERANCE_SECONDS) return false;
  const given = Buffer.from(/^v1,([A-Za-z0-9+/]{43}=)$/.exec(signature)?.[1] ?? '', 'base64');
  const right = digest(secret, id, timestamp, body);
  return given.length === right.length && timingSafeEqual(given, right);
}

function digest(secret: string, id: string, timestamp: string, body: string): Buffer {
  return createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest();
}
