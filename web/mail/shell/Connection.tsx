/**
 * One line when the page waits for long: a calm one while an answer is long in coming, as for who asks in the midst of a
 * move; another when the mailbox cannot be reached, and what is shown stays and goes on by itself.
 *
 * Invariants: a hold of a second or two is never shown; nor is a file that goes up or down, which has its own progress. Of
 * an outage nothing else is said.
 */
import { type QueryCache, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { StatusLine } from '#ui/StatusLine.tsx';
import { useWords } from '#ui/words.ts';
import { ApiError, waitsSince } from '../api/http.ts';
import { words } from './words.ts';

const SLOW_AFTER_MS = 3_000;
/** A hold takes about a second, and what fails is asked again within two. */
const AWAY_AFTER_MS = 4_000;
const LOOK_MS = 500;

/** Something failed that is asked again. */
const isAway = (cache: QueryCache): boolean => cache.getAll().some(({ state }) => state.fetchStatus !== 'idle' && state.fetchFailureReason instanceof ApiError && state.fetchFailureReason.code === 'unavailable');

export function Connection() {
  const w = useWords(words);
  const cache = useQueryClient().getQueryCache();
  const [told, setTold] = useState<'away' | 'slow'>();
  useEffect(() => {
    let awaySince: number | undefined;
    const timer = setInterval(() => {
      const now = performance.now();
      awaySince = isAway(cache) ? (awaySince ?? now) : undefined;
      const isSlow = now - (waitsSince() ?? now) > SLOW_AFTER_MS;
      setTold(awaySince !== undefined && now - awaySince > AWAY_AFTER_MS ? 'away' : isSlow ? 'slow' : undefined);
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, [cache]);
  return <StatusLine kind={told === 'away' ? 'warm' : 'calm'} text={told === undefined ? undefined : told === 'away' ? w.reconnecting : w.patience} />;
}
