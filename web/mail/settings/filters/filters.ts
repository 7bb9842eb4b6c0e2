/** Filters, scripts and the absence reply as the page asks for and changes them. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { Action, Condition, Filters, Rule, Script, Vacation } from '#webmail/filters/api.ts';
import { ApiError, call } from '../../api/http.ts';
import { jmapOne, JmapError } from '../../api/jmap.ts';
import { getSession } from '../../api/session.ts';
import type { GetAnswer, Mailbox, SetAnswer } from '../../api/types.ts';

export type { Action, Condition, Filters, Rule, Script, Vacation } from '#webmail/filters/api.ts';

const FILTERS = ['filters'];
const SCRIPTS = ['scripts'];
const VACATION = ['VacationResponse'];

export const useFilters = () => useQuery({ queryKey: FILTERS, queryFn: ({ signal }) => call<Filters>('/api/filters', { signal }) });

/** @returns writes the rules that are named over those that were read @throws ApiError */
export function useSaveRules(): (rules: readonly Rule[], revision: string) => Promise<void> {
  const queries = useQueryClient();
  return async (rules, revision) => {
    try {
      queries.setQueryData(FILTERS, await call<Filters>('/api/filters', { method: 'PUT', json: { rules, revision } }));
      void queries.invalidateQueries({ queryKey: SCRIPTS });
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) await queries.invalidateQueries({ queryKey: FILTERS });
      throw error;
    }
  };
}

export const useScripts = (enabled: boolean) => useQuery({ queryKey: SCRIPTS, enabled, queryFn: async ({ signal }) => (await call<{ scripts: readonly Script[] }>('/api/filters/scripts', { signal })).scripts });
const at = (name: string): string => `/api/filters/scripts/${encodeURIComponent(name)}`;
export const readScript = async (name: string): Promise<string> => (await call<{ text: string }>(at(name))).text;

export function useChangeScripts() {
  const queries = useQueryClient();
  const then = async (done: Promise<unknown>): Promise<void> => {
    await done;
    await Promise.all([SCRIPTS, FILTERS, VACATION].map((queryKey) => queries.invalidateQueries({ queryKey })));
  };
  return {
    write: (name: string, text: string) => then(call(at(name), { method: 'PUT', json: { text } })),
    activate: (name: string | null) => then(call('/api/filters/active', { json: { name } })),
    remove: (name: string) => then(call(at(name), { method: 'DELETE' })),
  };
}

export const canReply = (): boolean => 'urn:ietf:params:jmap:vacationresponse' in getSession().capabilities;

export const useVacation = () => useQuery({ queryKey: VACATION, enabled: canReply(), queryFn: async ({ signal }) => (await jmapOne<GetAnswer<Vacation & { readonly id: string }>>('VacationResponse/get', { ids: null }, signal)).list[0]! });

/** @throws ApiError, JmapError */
export function useSaveVacation(): (vacation: Vacation) => Promise<void> {
  const queries = useQueryClient();
  return async (vacation) => {
    const { notUpdated } = await jmapOne<SetAnswer>('VacationResponse/set', { update: { singleton: vacation } });
    await Promise.all([VACATION, FILTERS].map((queryKey) => queries.invalidateQueries({ queryKey })));
    const [error] = Object.values(notUpdated ?? {});
    if (error !== undefined) throw new JmapError('VacationResponse/set', error.type, error.description);
  };
}

/** What a failure tells a customer; undefined where it has no words for him. */
export const sentenceOf = (error: unknown): string | undefined => (error instanceof ApiError ? error.sentence : error instanceof JmapError && error.message !== error.type ? error.message : undefined);

/** A mailbox as rules have it: by its name and those above it. */
export function levelsOf(mailbox: Mailbox, all: readonly Mailbox[]): string[] {
  const levels: string[] = [];
  for (let here: Mailbox | undefined = mailbox; here !== undefined; here = all.find(({ id }) => id === here?.parentId)) levels.unshift(here.role === 'inbox' ? 'INBOX' : here.name);
  return levels;
}

export type Words = { readonly conditions: (rule: Rule) => string; readonly actions: (rule: Rule) => string };

export const newRule = (): Rule => ({ name: '', enabled: true, match: 'all', conditions: [{ field: 'from', test: 'contains', value: '' }], actions: [{ kind: 'move', mailbox: [] as string[] }] });

/** Whether a rule says all that it must. */
export function isWhole({ conditions, actions }: Rule): boolean {
  const isCondition = (one: Condition): boolean => (one.field === 'size' ? one.bytes >= 1 : one.value.trim() !== '');
  const isAction = (one: Action): boolean => ((one.kind === 'move' || one.kind === 'copy') ? one.mailbox.length > 0 : one.kind === 'forward' ? /^[^\s@]+@[^\s@]+$/.test(one.to.trim()) : one.kind === 'reject' ? one.message.trim() !== '' : true);
  const refuses = actions.some(({ kind }) => kind === 'reject' || kind === 'discard');
  return conditions.every(isCondition) && actions.length > 0 && actions.every(isAction) && (!refuses || actions.every(({ kind }) => kind === 'reject' || kind === 'discard' || kind === 'stop'));
}
