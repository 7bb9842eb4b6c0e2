/** What the server says of an account's security, and what changes it. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { HistoryLine, SecurityFacts, SessionLine } from '#webmail/security/api.ts';
import { call } from '../../api/http.ts';

const KEYS = { facts: ['security'], history: ['security', 'history'], sessions: ['security', 'sessions'] } as const;

export const useFacts = () => useQuery({ queryKey: KEYS.facts, queryFn: ({ signal }) => call<SecurityFacts>('/api/security', { signal }) });

export const useHistory = () => useQuery({ queryKey: KEYS.history, queryFn: async ({ signal }) => (await call<{ signIns: readonly HistoryLine[] }>('/api/security/history', { signal })).signIns });

export const useSessions = () => useQuery({ queryKey: KEYS.sessions, queryFn: async ({ signal }) => (await call<{ sessions: readonly SessionLine[] }>('/api/sessions', { signal })).sessions });

/** Reads all of it again. */
export function useReread(): () => Promise<void> {
  const queries = useQueryClient();
  return useCallback(() => queries.invalidateQueries({ queryKey: KEYS.facts }), [queries]);
}

/** @throws ApiError */
export const post = <T = object>(path: string, json: unknown = {}): Promise<T> => call<T>(path, { json });
