/**
 * What the server sends as it changes.
 *
 * Invariants: what is shown stays shown while the connection or the store is away, and says from when it is; the connection
 * comes back by itself; a session that has ended is found out, and leads to signing in.
 */
import { useEffect, useState } from 'react';
import { type ConsoleState, consoleState } from '#cutover/api.ts';
import { ask } from '#ui/staff/ask.ts';

export type Trouble = 'none' | 'away' | 'lost';
export type Live = { readonly state: ConsoleState | undefined; readonly trouble: Trouble };

/** A browser tries again by itself, but not after an answer that is no stream. */
const AGAIN_MS = 3_000;
/** The server says something every second or two; a connection that is silent for so long is none, whatever the browser thinks. */
const SILENT_MS = 15_000;

/** @param plan the newest one without it */
export function useLive(plan: string | undefined): Live {
  const [live, setLive] = useState<Live>({ state: undefined, trouble: 'none' });
  useEffect(() => {
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let ended = false;
    let heardAt = performance.now();
    const watch = setInterval(() => performance.now() - heardAt > SILENT_MS && setLive((before) => (before.trouble === 'lost' ? before : { ...before, trouble: 'lost' })), AGAIN_MS);
    const path = plan === undefined ? '' : `?plan=${encodeURIComponent(plan)}`;
    const begin = (): void => {
      source = new EventSource(`/api/console/events${path}`);
      source.addEventListener('news', ({ data }) => {
        heardAt = performance.now();
        const news = JSON.parse(data as string) as { state: unknown } | { away: string };
        if ('away' in news) setLive((before) => ({ ...before, trouble: 'away' }));
        else setLive({ state: consoleState.parse(news.state), trouble: 'none' });
      });
      source.addEventListener('ping', () => {
        heardAt = performance.now();
        setLive((before) => (before.trouble === 'lost' ? { ...before, trouble: 'none' } : before));
      });
      source.addEventListener('error', () => {
        setLive((before) => ({ ...before, trouble: 'lost' }));
        if (source?.readyState !== EventSource.CLOSED || ended) return;
        // Says 401 to all who listen for it, where that is why.
        void ask(`/api/console/state${path}`).catch(() => {});
        timer = setTimeout(begin, AGAIN_MS);
      });
    };
    begin();
    return () => {
      ended = true;
      source?.close();
      clearTimeout(timer);
      clearInterval(watch);
    };
  }, [plan]);
  return live;
}
