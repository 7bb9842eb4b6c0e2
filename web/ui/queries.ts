/**
 * How answers are kept and asked for again, in every app.
 *
 * Invariants: what reads is tried again while the server is unavailable, and what is shown stays shown; what writes is never
 * repeated by this file.
 */
import { QueryClient } from '@tanstack/react-query';

const LEAST_MS = 1_000;
const MOST_MS = 15_000;

/** A server's refusal, as an app's own error has it. */
export type Failure = { readonly code: string; /** At the earliest. */ readonly retryAfterMs: number | undefined };

/** @param staleTime ms for which an answer is taken as it is @param failureOf an error; undefined: it is none of the server's */
export function createQueries(staleTime: number, failureOf: (error: unknown) => Failure | undefined): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime,
        gcTime: 10 * 60_000,
        refetchOnWindowFocus: true,
        // An offline browser finds out by asking: its own word is not reliable.
        networkMode: 'always',
        retry: (_, error) => failureOf(error)?.code === 'unavailable',
        // Spread, so that a crowd of pages does not come back at once.
        retryDelay: (tries, error) => Math.max(failureOf(error)?.retryAfterMs ?? 0, Math.min(MOST_MS, LEAST_MS * 2 ** tries)) * (0.75 + Math.random() / 2),
      },
      mutations: { networkMode: 'always', retry: false },
    },
  });
}
