/** The plan of a week, who is there, and what the plan can carry; asked for again while they are looked at. */
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { ask } from '#ui/staff/ask.ts';
import { useMay } from '#ui/staff/who.ts';
import type { Shift, Shifts } from '#desk/cases/api.ts';
import type { PlanLoad } from '#desk/load/api.ts';
import type { Span } from './week.ts';

const EVERY_MS = 10_000;
const HOUR_MS = 3_600_000;

const query = ({ from, until }: Span): string => String(new URLSearchParams({ from: String(from), until: String(until) }));
const fetchShifts = (span: Span, signal?: AbortSignal): Promise<Shifts> => ask<Shifts>(`/api/desk/shifts?${query(span)}`, undefined, signal);

export const useShifts = (span: Span) => useQuery({ queryKey: ['shifts', span.from, span.until], queryFn: ({ signal }) => fetchShifts(span, signal), refetchInterval: EVERY_MS, placeholderData: keepPreviousData });

/** A day to both sides of now: who is there, and what comes next. */
export function useShiftsNow() {
  const hour = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  return useShifts({ from: hour - 24 * HOUR_MS, until: hour + 24 * HOUR_MS });
}

export const usePlanLoad = (span: Span) => useQuery({ queryKey: ['shifts', 'load', span.from, span.until], queryFn: ({ signal }) => ask<PlanLoad>(`/api/desk/load/plan?${query(span)}`, undefined, signal), refetchInterval: 6 * EVERY_MS, placeholderData: keepPreviousData });

/** Who can be planned. */
export function usePeople() {
  return useQuery({ queryKey: ['people'], queryFn: ({ signal }) => ask<{ people: readonly { readonly name: string; readonly role: string }[] }>('/api/staff/people', undefined, signal), select: ({ people }) => people, staleTime: 60_000, enabled: useMay()('staff.list') });
}

export type Planning = {
  readonly plan: (shifts: readonly Omit<Shift, 'id'>[]) => Promise<readonly number[]>;
  readonly change: (id: number, shift: Omit<Shift, 'id'>) => Promise<void>;
  readonly drop: (id: number) => Promise<void>;
  readonly handOver: (note: { readonly key: string; readonly level: 1 | 2; readonly text: string }) => Promise<void>;
  readonly shiftsOf: (span: Span) => Promise<readonly Shift[]>;
};

/** Each does one thing, then all is shown as it is. @throws StaffError */
export function usePlanning(): Planning {
  const queries = useQueryClient();
  const then = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } finally {
      await queries.invalidateQueries({ queryKey: ['shifts'] });
    }
  };
  return {
    plan: (shifts) => then(ask<{ ids: readonly number[] }>('/api/desk/shifts', { shifts }).then(({ ids }) => ids)),
    change: (id, shift) => then(ask<object>(`/api/desk/shifts/${id}`, shift).then(() => undefined)),
    drop: (id) => then(ask<object>(`/api/desk/shifts/${id}/drop`, {}).then(() => undefined)),
    handOver: (note) => then(ask<object>('/api/desk/hand-over', note).then(() => undefined)),
    shiftsOf: (span) => fetchShifts(span).then(({ planned }) => planned),
  };
}
