/** Asks who it may be, once the fingers rest. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { FIND, type Found, QUERY_LENGTH } from '#desk/find/api.ts';
import { ask } from '#ui/staff/ask.ts';
import { useRested } from '../ui/use-rested.ts';

/** Below what the eye takes for a wait; a fast writer is at 80 ms a letter. */
const REST_MS = 90;

export function useFound(typed: string) {
  const query = useRested(typed.trim().slice(0, QUERY_LENGTH), REST_MS);
  const answer = useQuery({
    queryKey: ['find', query],
    queryFn: ({ signal }) => ask<Found>(`${FIND}?${new URLSearchParams({ q: query })}`, undefined, signal),
    enabled: query !== '',
    placeholderData: keepPreviousData,
  });
  // What is shown answers an earlier question: it must not be chosen from by Enter.
  return { found: query === '' ? undefined : answer.data, isFresh: query === typed.trim() && !answer.isPlaceholderData && answer.data !== undefined, error: answer.error };
}
