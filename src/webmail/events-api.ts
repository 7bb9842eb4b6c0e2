/**
 * Push by server-sent events (RFC 8620 section 7.3, RFC 8621 section 1.5): which types of an account have another state now.
 *
 * Invariants: what is sent are states that the methods gave; a type is named only when its state is another than the one
 * sent before, and all of them at the beginning, so that a client that was away misses nothing. One that says by
 * Last-Event-ID that it knows how things are is told nothing: with `closeafter=state` it would otherwise come again at once,
 * for ever. Pings come only to who asks for them; what keeps a silent connection open is no event.
 */
import { streamSSE } from 'hono/streaming';
import { z } from 'zod';
import { CausewayError } from '#errors/index.ts';
import { type Clock, NEEDLESS } from '#events/clock.ts';
import type { App } from '#http/app.ts';
import type { Call, Engine } from './jmap/process.ts';
import { LIMITS } from './jmap/limits.ts';
import { createMailContext, type MailContext } from './mail/context.ts';
import { deliveryState, digest } from './mail/states.ts';
import type { AccessOf } from './access.ts';
import type { Watch } from './watch.ts';
import type { Who } from './who.ts';

const query = z.object({ types: z.string().default('*'), closeafter: z.enum(['state', 'no']).default('no'), ping: z.coerce.number().int().min(0).default(0) });

/** Seconds. The RFC forbids a least above 30 and a most below 300. */
const PING = { least: 5, most: 900 };
/** The server ends what is silent for a minute; proxies do the same. So often, too, is looked at what nobody tells. */
const LOOK_MS = 30_000;

/** Of VacationResponse nobody tells, and to look costs a connection to another server. */
const TYPES = { Mailbox: 'Mailbox/get', Email: 'Email/get', Thread: 'Thread/get', EmailDelivery: undefined, Identity: 'Identity/get', EmailSubmission: 'EmailSubmission/get' } as const;
type Type = keyof typeof TYPES;

type Parts = { readonly who: Who; readonly accessOf: AccessOf; readonly watch: Watch; readonly engine: Engine<MailContext>; readonly clock: Pick<Clock, 'monotonic' | 'sleep'> };

export function addEventsApi(app: App, { who, accessOf, watch, engine, clock }: Parts): void {
  app.get('/jmap/events', async (c) => {
    const pass = await who(c);
    const asked = query.safeParse(c.req.query());
    if (!asked.success) throw new CausewayError('usage', 'types, closeafter or ping is not as RFC 8620 section 7.3 has it');
    const { types, closeafter, ping } = asked.data;
    const wanted = (Object.keys(TYPES) as Type[]).filter((type) => types === '*' || types.split(',').includes(type));
    const interval = ping === 0 ? Infinity : Math.min(PING.most, Math.max(PING.least, ping));
    const gone = new AbortController();
    c.req.raw.signal.addEventListener('abort', () => gone.abort(), { once: true });
    let news = Promise.withResolvers<void>();
    if (!watch.listen(pass, gone.signal, () => news.resolve())) throw new CausewayError('limit', 'the account has too many event sources');

    async function statesNow(): Promise<{ accountId: string; states: Record<string, string> }> {
      const access = await accessOf(pass, gone.signal);
      const context = createMailContext(access, LIMITS, () => {});
      const call: Call = { createdIds: new Map(), alsoRun: () => {} };
      const states: Record<string, string> = {};
      try {
        for (const type of wanted) {
          const method = TYPES[type];
          states[type] = method === undefined ? await deliveryState(context) : String((await engine.methods.get(method)!.run({ accountId: access.accountId, ids: [] }, context, call))['state']);
        }
      } finally {
        access.end();
      }
      return { accountId: access.accountId, states };
    }

    return streamSSE(c, async (stream) => {
      stream.onAbort(() => gone.abort());
      const known = c.req.header('last-event-id');
      let sent: Record<string, string> | undefined;
      let eventAt = clock.monotonic();
      let lookAt = eventAt;
      while (!gone.signal.aborted) {
        const pingAt = eventAt + interval * 1_000;
        // The first at once: whoever listens second is not told by the watch that already runs.
        const wait = Math.min(pingAt, lookAt) - clock.monotonic();
        const slept = new AbortController();
        const hasNews = wait > 0 && (await Promise.race([news.promise.then(() => true), clock.sleep(wait, AbortSignal.any([gone.signal, slept.signal])).then(() => false, () => false)]));
        slept.abort(NEEDLESS);
        if (gone.signal.aborted) return;
        if (hasNews || clock.monotonic() >= lookAt) {
          news = Promise.withResolvers();
          // An outage is no news: the page sees it by its own requests.
          const now = await statesNow().catch(() => undefined);
          lookAt = clock.monotonic() + LOOK_MS;
          const id = now === undefined ? '' : digest(now.states);
          if (now !== undefined && sent === undefined && id === known) sent = now.states;
          const changed = now === undefined ? [] : Object.entries(now.states).filter(([type, state]) => sent?.[type] !== state);
          if (now !== undefined && changed.length > 0) {
            sent = now.states;
            eventAt = clock.monotonic();
            await stream.writeSSE({ event: 'state', id, data: JSON.stringify({ '@type': 'StateChange', changed: { [now.accountId]: Object.fromEntries(changed) } }) });
            if (closeafter === 'state') return gone.abort();
            continue;
          }
        }
        if (clock.monotonic() >= pingAt) {
          eventAt = clock.monotonic();
          await stream.writeSSE({ event: 'ping', data: JSON.stringify({ interval }) });
        } else {
          await stream.write(':\n\n');
        }
      }
    });
  });
}
