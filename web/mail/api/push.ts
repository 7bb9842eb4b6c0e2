/**
 * News from the server (RFC 8620 section 7.3): what is named in a state change is asked for again, in every tab.
 *
 * Invariants: one tab listens and tells the others, since a browser has six connections to a server for all tabs; when it
 * is closed another takes over. The first event names all states, so after a break everything is asked for again, and at
 * the beginning what has another state than the page has just read: what came between a page's own reading and the
 * listening is not missed.
 */
import type { QueryClient } from '@tanstack/react-query';
import { getSession } from './session.ts';

/** A browser tries again by itself after 3 s; where the server refused, it gives up, and we do this often. */
const AGAIN_MS = 10_000;
const PING_S = 30;
/** What the page shows. */
const TYPES = 'Mailbox,Email,Thread';
/** Of the lock and of the channel: an account has one of each, whoever was signed in before. */
const nameOf = (): string => `causeway-news ${getSession().username}`;

/** What a page has read tells how things are for as long; a tab that takes over later asks for all. */
const FRESH_MS = 10_000;
let read: { readonly states: Readonly<Record<string, string>>; readonly at: number } | undefined;

/** @param states by type, of answers that the page begins with */
export function noteRead(states: Readonly<Record<string, string>>): void {
  read = { states, at: performance.now() };
}

/** @returns ends it */
export function listen(client: QueryClient): () => void {
  const name = nameOf();
  const over = new AbortController();
  const channel = new BroadcastChannel(name);
  const hear = (types: readonly string[]): void => {
    for (const type of types) void client.invalidateQueries({ queryKey: [type] });
  };
  channel.addEventListener('message', ({ data }: MessageEvent<readonly string[]>) => hear(data));
  const tell = (types: readonly string[]): void => {
    hear(types);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel is of one origin
    channel.postMessage(types);
  };
  navigator.locks.request(name, { signal: over.signal }, () => listenToServer(tell, over.signal)).catch(() => {});
  return () => {
    over.abort();
    channel.close();
  };
}

/** Resolves when `signal` does. */
function listenToServer(tell: (types: readonly string[]) => void, signal: AbortSignal): Promise<void> {
  const url = getSession().eventSourceUrl.replaceAll(/\{(\w+)\}/g, (_, key: string) => ({ types: TYPES, closeafter: 'no', ping: String(PING_S) })[key] ?? '');
  let source: EventSource;
  let again: ReturnType<typeof setTimeout> | undefined;
  const states = new Map<string, string>(read === undefined || performance.now() - read.at > FRESH_MS ? [] : Object.entries(read.states));
  read = undefined;
  const open = (): void => {
    source = new EventSource(url);
    source.addEventListener('state', (event) => {
      const { changed } = JSON.parse((event as MessageEvent<string>).data) as { changed: Readonly<Record<string, Readonly<Record<string, string>>>> };
      const news = Object.values(changed).flatMap((types) => Object.entries(types)).filter(([type, state]) => states.get(type) !== state);
      for (const [type, state] of news) states.set(type, state);
      if (news.length > 0) tell(news.map(([type]) => type));
    });
    source.addEventListener('error', () => {
      if (source.readyState === EventSource.CLOSED) again = setTimeout(open, AGAIN_MS);
    });
  };
  open();
  return new Promise((resolve) =>
    signal.addEventListener('abort', () => {
      clearTimeout(again);
      source.close();
      resolve();
    }),
  );
}
