/** Cases, asked for again while they are looked at. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ask } from '#ui/staff/ask.ts';
import type { CaseSeen, CasesPage, Macro, Queue, QueueCounts } from '#desk/cases/api.ts';

const EVERY_MS = 5_000;

export const CASES = '/api/desk/cases';
export const caseKey = (id: number) => ['cases', 'one', id] as const;

export const useQueues = () => useQuery({ queryKey: ['cases', 'queues'], queryFn: ({ signal }) => ask<QueueCounts>('/api/desk/queues', undefined, signal), refetchInterval: EVERY_MS });

/** @param of what is asked for beside the queue */
export const useCases = (queue: Queue, of: Readonly<Record<string, string>> = {}) =>
  useQuery({ queryKey: ['cases', 'list', queue, of], queryFn: ({ signal }) => ask<CasesPage>(`${CASES}?${new URLSearchParams({ queue, ...of })}`, undefined, signal), refetchInterval: EVERY_MS });

export const useCase = (id: number) => useQuery({ queryKey: caseKey(id), queryFn: ({ signal }) => ask<CaseSeen>(`${CASES}/${id}`, undefined, signal), refetchInterval: EVERY_MS });

export const useMacros = () => useQuery({ queryKey: ['macros'], queryFn: ({ signal }) => ask<{ macros: readonly Macro[] }>('/api/desk/macros', undefined, signal), select: ({ macros }) => macros, staleTime: 60_000 });

/** Does one thing to a case, then shows it as it is. @throws StaffError */
export function useCaseAct(id: number): (verb: string, body: object) => Promise<void> {
  const queries = useQueryClient();
  return async (verb, body) => {
    try {
      await ask(`${CASES}/${id}/${verb}`, body);
    } finally {
      await queries.invalidateQueries({ queryKey: ['cases'] });
    }
  };
}
