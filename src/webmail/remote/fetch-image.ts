/**
 * Fetches a picture that a mail points at.
 *
 * Invariants: each step of a redirect is checked as the first one was (address-of.ts). What is sent tells nothing of the
 * customer: no cookie, no referrer, no address, no language. Bytes that do not begin as a picture are never passed on; nor
 * are more than MOST. Nothing is unpacked here. Whoever asks ends it, in time, by the signal.
 */
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { CausewayError } from '#errors/index.ts';
import { addressOf, checkUrl, type Reachable, type Resolve } from './address-of.ts';
import { HEAD_BYTES, imageKind } from './image-kind.ts';

export type Picture = { readonly type: string; readonly bytes: AsyncIterable<Uint8Array> };

/** @param signal ends it, also while the bytes come */
export type FetchImage = (url: string, signal: AbortSignal) => Promise<Picture>;

/** Photographs in newsletters have up to 3 MB. */
const MOST = 8 * 1024 * 1024;
/** Link counters and their hosts need two. */
const REDIRECTS = 3;
const HEADERS = { Accept: 'image/avif,image/webp,image/png,image/jpeg,image/gif', 'Accept-Encoding': 'identity', 'User-Agent': 'Mozilla/5.0 (compatible; mail picture proxy)' };

export type FetchImageParts = {
  readonly resolve: Resolve;
  readonly mayReach: (address: string) => boolean;
  /** Where to connect to instead; undefined: to what was resolved. */
  readonly at?: (where: Reachable) => Reachable;
};

export function createFetchImage({ resolve, mayReach, at = (where) => where }: FetchImageParts): FetchImage {
  return async (text, signal) => {
    let url = checkUrl(text);
    for (let step = 0; step <= REDIRECTS; step++) {
      const where = await addressOf(url, resolve, mayReach);
      const response = await ask(url, at(where), signal);
      const next = redirectOf(response, url);
      if (next === undefined) return pictureOf(response);
      response.destroy();
      url = next;
    }
    throw new CausewayError('protocol', 'a picture is behind too many redirects');
  };
}

/** One request on a connection of its own. @throws CausewayError `unavailable` */
function ask(url: URL, { address, port }: Reachable, signal: AbortSignal): Promise<IncomingMessage> {
  const name = url.hostname.replace(/^\[|\]$/g, '').replace(/\.+$/, '');
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: address, port, method: 'GET', path: `${url.pathname}${url.search}`, headers: { ...HEADERS, Host: url.host }, agent: false, signal, ...(isIP(name) === 0 ? { servername: name } : {}) },
      resolve,
    );
    asked.on('error', (cause) => reject(new CausewayError('unavailable', 'a picture cannot be fetched', { cause })));
    asked.end();
  });
}

function redirectOf({ statusCode, headers }: IncomingMessage, base: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(statusCode ?? 0)) return undefined;
  const { location = '' } = headers;
  if (!URL.canParse(location, base.href)) throw new CausewayError('protocol', 'a picture is redirected to no URL');
  return checkUrl(new URL(location, base).href);
}

async function pictureOf(response: IncomingMessage): Promise<Picture> {
  try {
    if (response.statusCode !== 200) throw new CausewayError('unavailable', `a picture's server answers ${response.statusCode}`);
    if ((response.headers['content-encoding'] ?? 'identity') !== 'identity') throw new CausewayError('protocol', 'a picture comes packed, unasked');
    if (Number(response.headers['content-length'] ?? 0) > MOST) throw new CausewayError('limit', 'a picture is too large');
    const chunks = response[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
    const read: Uint8Array[] = [];
    let size = 0;
    while (size < HEAD_BYTES) {
      const { value, done } = await chunks.next();
      if (done === true) break;
      read.push(value);
      size += value.length;
    }
    const head = Buffer.concat(read);
    const type = imageKind(head);
    if (type === undefined) throw new CausewayError('protocol', 'what was fetched is no picture');
    return { type, bytes: capped(head, chunks, response) };
  } catch (error) {
    response.destroy();
    throw error instanceof CausewayError ? error : new CausewayError('unavailable', 'a picture cannot be fetched', { cause: error });
  }
}

async function* capped(head: Uint8Array, rest: AsyncIterator<Uint8Array>, response: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    let size = head.length;
    yield head;
    for (;;) {
      const { value, done } = await rest.next();
      if (done === true) return;
      size += value.length;
      // Cut off in the middle: a browser shows what it has, and says that it is broken.
      if (size > MOST) throw new CausewayError('limit', 'a picture is too large');
      yield value;
    }
  } finally {
    response.destroy();
  }
}
