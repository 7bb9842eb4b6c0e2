/**
 * Pictures of mails that are somewhere in the web, fetched for a customer who wants to see them, so that their senders
 * learn neither who nor where he is.
 *
 * Invariants: nothing is fetched without the customer's pass and his page's signature (remote/signature.ts): this is a
 * proxy for nobody else. What is fetched, and from where, is bounded by remote/fetch-image.ts; how much at once, here. Of
 * what goes wrong the page is told that it did, not what: no one learns by it what is behind an address.
 */
import { CausewayError } from '#errors/index.ts';
import { type Clock, NEEDLESS } from '#events/clock.ts';
import type { App } from '#http/app.ts';
import type { FetchImage } from './remote/fetch-image.ts';
import type { RemoteLeave } from './remote/signature.ts';
import type { Who } from './who.ts';

/** A browser asks for six at once of one server; two tabs. */
const PER_ACCOUNT = 12;
/** Each is a socket and some 64 KB of what was read ahead. */
const AT_ONCE = 200;
/** A reader looks at what is there; what takes longer is not looked at. */
const TIME_MS = 15_000;
/** Of what never changes under its URL in practice; the URL is in the mail for ever. */
const CACHE = 'private, max-age=604800, immutable';

export type RemoteContentParts = { readonly who: Who; readonly leave: RemoteLeave; readonly fetchImage: FetchImage; readonly clock: Clock };

export function addRemoteContent(app: App, { who, leave, fetchImage, clock }: RemoteContentParts): void {
  const underWay = new Map<number, number>();
  let all = 0;

  app.get('/api/remote/key', async (c) => c.json({ key: leave.keyOf((await who(c)).accountId) }));

  app.get('/api/remote', async (c) => {
    const { accountId } = await who(c);
    const { u: url = '', s: signature = '' } = c.req.query();
    if (!leave.isSigned(accountId, url, signature)) throw new CausewayError('refused', 'the address of the picture is not signed');
    const own = underWay.get(accountId) ?? 0;
    if (own >= PER_ACCOUNT || all >= AT_ONCE) throw new CausewayError('unavailable', 'too many pictures at once');
    underWay.set(accountId, own + 1);
    all += 1;
    const over = new AbortController();
    const late = clock.after(TIME_MS, () => over.abort(NEEDLESS));
    c.req.raw.signal.addEventListener('abort', () => over.abort(NEEDLESS), { once: true });
    over.signal.addEventListener('abort', () => {
      late();
      all -= 1;
      const others = underWay.get(accountId)! - 1;
      if (others === 0) underWay.delete(accountId);
      else underWay.set(accountId, others);
    }, { once: true });
    const picture = await fetchImage(url, over.signal).catch(() => undefined);
    if (picture === undefined) {
      over.abort(NEEDLESS);
      return c.body(null, 404);
    }
    return new Response(streamOf(picture.bytes, over), {
      headers: { 'Content-Type': picture.type, 'Content-Disposition': 'attachment', 'Content-Security-Policy': "default-src 'none'; sandbox", 'Cache-Control': CACHE },
    });
  });
}

/** The place is given back however it ends, also when nothing was ever read. */
function streamOf(bytes: AsyncIterable<Uint8Array>, over: AbortController): ReadableStream<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { value, done } = await iterator.next();
        if (done !== true) return controller.enqueue(value);
        controller.close();
      } catch (error) {
        controller.error(error);
      }
      over.abort(NEEDLESS);
    },
    cancel: () => over.abort(NEEDLESS),
  });
}
