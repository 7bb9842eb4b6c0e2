/** An event as the provider's own systems hear of it, by webhook. */
import type { Clock } from '#events/clock.ts';
import { callWebhook, type Webhook } from '#http/webhook.ts';
import type { Receiver } from './deliver.ts';

export function webhookReceiver(hook: Webhook, clock: Clock): Receiver {
  return {
    name: hook.name,
    tell: ({ id, at, kind, about }, signal) => callWebhook(hook, { id: String(id), says: { type: kind, timestamp: at.toISOString(), data: { id, ...about } }, now: clock.now(), signal, fetch }),
  };
}
