/**
 * Where in the messages that are on the screen the words of a search are.
 *
 * Invariant: each reads a text at the platform, so it is asked for only when the list has stood still for a moment.
 */
import { useEffect, useState } from 'react';
import { jmapOne } from '../api/jmap.ts';
import type { Filter } from './filter.ts';

const STILL_MS = 250;
const AT_ONCE = 25;

export type Snippet = { readonly subject: string | null; readonly preview: string | null };

export function useSnippets(filter: Filter | undefined, ids: readonly string[]): ReadonlyMap<string, Snippet> {
  const question = filter === undefined ? undefined : JSON.stringify(filter);
  const [known, setKnown] = useState<{ readonly question: string | undefined; readonly found: ReadonlyMap<string, Snippet> }>({ question: undefined, found: new Map() });
  const found = known.question === question ? known.found : NOTHING;
  const unknown = question === undefined ? [] : ids.filter((id) => !found.has(id)).slice(0, AT_ONCE);
  const key = unknown.join();
  useEffect(() => {
    if (unknown.length === 0) return;
    const gone = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const { list } = await jmapOne<{ readonly list: readonly (Snippet & { readonly emailId: string })[] }>('SearchSnippet/get', { filter, emailIds: unknown }, gone.signal);
        const none = unknown.map((id) => [id, { subject: null, preview: null }] as const);
        setKnown((before) => ({ question, found: new Map([...(before.question === question ? before.found : []), ...none, ...list.map((one) => [one.emailId, one] as const)]) }));
      } catch {
        // The list is whole without them.
      }
    }, STILL_MS);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
    // The filter by its text.
  }, [question, key]);
  return found;
}

const NOTHING: ReadonlyMap<string, Snippet> = new Map();
