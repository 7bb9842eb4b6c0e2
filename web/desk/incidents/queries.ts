/** Incidents and planned work that people declared. */
import { useQuery } from '@tanstack/react-query';
import { ask } from '#ui/staff/ask.ts';
import type { Declared, DeclaredAnswer, DeclaredUpdate } from '#incident/declared/api.ts';

export const DECLARED = '/api/status/declared';
const EVERY_MS = 15_000;

export const useDeclared = (enabled = true) =>
  useQuery({ queryKey: ['declared'], queryFn: ({ signal }) => ask<DeclaredAnswer>(DECLARED, undefined, signal), refetchInterval: EVERY_MS, enabled });

/** Whether the public can read what is declared; as long as nobody has said that it cannot, it can. */
export const useHasSite = (): boolean => useDeclared().data?.site ?? true;

/** Those that a case can be of. */
export function useOpenIncidents(enabled = true) {
  const { data, ...rest } = useDeclared(enabled);
  return { ...rest, data: data?.declared.filter(({ endedAt, planned }) => endedAt === undefined && planned === undefined) };
}

export const useIncident = (id: string) =>
  useQuery({ queryKey: ['declared', id], queryFn: ({ signal }) => ask<{ declared: Declared; updates: readonly DeclaredUpdate[] }>(`${DECLARED}/${id}`, undefined, signal), refetchInterval: EVERY_MS });
