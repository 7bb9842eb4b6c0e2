/** An update as a program hears of it, by webhook. */
import { callWebhook, type Fetch, type Webhook } from '#http/webhook.ts';
import { iso } from '../site/times.ts';
import type { News } from './deliveries.ts';

const ANSWER_MS = 15_000;

/** @param now ms @throws CausewayError `refused` where it is gone for good (410), else `unavailable` */
export function tellWebhook(hook: Webhook, news: News, { now, fetch }: { now: number; fetch: Fetch }): Promise<void> {
  return callWebhook(hook, { id: `${news.incidentId}.${news.updateId}`, says: bodyOf(news), now, signal: AbortSignal.timeout(ANSWER_MS), fetch });
}

function bodyOf({ updateId, incidentId, title, titleEs, components, at, state, text, textEs, plannedFrom, plannedUntil }: News): object {
  return {
    type: 'status.update',
    timestamp: iso(at.getTime()),
    data: { id: updateId, incident: incidentId, title, titleEs, components, state, text, textEs, planned: plannedFrom === null || plannedUntil === null ? null : { from: iso(plannedFrom.getTime()), until: iso(plannedUntil.getTime()) } },
  };
}
