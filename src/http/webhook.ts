/**
 * A webhook: a signed POST of JSON to an address that the configuration names, as Standard Webhooks has it
 * (standardwebhooks.com).
 *
 * Invariants: only what the operator wrote is called, so nobody outside can make us call anything; no redirect is followed,
 * and nothing is read of an answer but its status. An id is the caller's, and the same however often a call is repeated.
 * The address may be a secret, and is in no message.
 */
import { CausewayError } from '#errors/index.ts';
import { signed } from './webhook-signature.ts';

export type Webhook = { readonly name: string; readonly url: { reveal(): string }; readonly secret: { reveal(): string } };
export type Fetch = (url: string, init: RequestInit) => Promise<Pick<Response, 'status' | 'body'>>;

export type Call = {
  readonly id: string;
  /** What it says, as JSON has it. */
  readonly says: object;
  /** Ms since the epoch. */
  readonly now: number;
  readonly signal: AbortSignal;
  readonly fetch: Fetch;
};

/** @throws CausewayError `refused` where it is gone for good (410), else `unavailable` */
export async function callWebhook({ name, url, secret }: Webhook, { id, says, now, signal, fetch }: Call): Promise<void> {
  const body = JSON.stringify(says);
  const answer = await fetch(url.reveal(), {
    method: 'POST',
    redirect: 'manual',
    signal,
    headers: { 'content-type': 'application/json', ...signed(secret.reveal(), id, body, now) },
    body,
  }).catch((cause: unknown) => {
    throw new CausewayError('unavailable', 'the webhook does not answer', { place: name, cause });
  });
  await answer.body?.cancel().catch(() => {});
  if (answer.status >= 200 && answer.status < 300) return;
  throw new CausewayError(answer.status === 410 ? 'refused' : 'unavailable', `the webhook answered ${answer.status}`, { place: name });
}
