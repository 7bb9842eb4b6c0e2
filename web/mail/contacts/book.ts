/** The account's contacts, and changes of them. After a change the book is read again; who reads it unchanged gets it from the browser. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { Book, Card, Contact, Imported } from '#webmail/contacts/api.ts';
import { showToast } from '#ui/toasts.ts';
import { say } from '#ui/words.ts';
import { ApiError, call } from '../api/http.ts';
import { words } from './words.ts';

export const BOOK = ['contacts'] as const;

export function useBook(): Book | undefined {
  return useQuery({ queryKey: BOOK, queryFn: ({ signal }) => call<Book>('/api/contacts', { signal }) }).data;
}

const at = (...parts: readonly string[]): string => ['/api/contacts', ...parts.map(encodeURIComponent)].join('/');

/** Each resolves to undefined when it was not done, which the page then says. */
export function useChanges() {
  const queries = useQueryClient();
  async function run<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      const done = await work();
      await queries.invalidateQueries({ queryKey: BOOK });
      return done;
    } catch (error) {
      showToast({ kind: 'bad', text: (error instanceof ApiError ? error.sentence : undefined) ?? say(words).notSaved });
      return undefined;
    }
  }
  return {
    save: (id: string | undefined, card: Card) => run(() => call<Contact>(id === undefined ? at() : at(id), { method: id === undefined ? 'POST' : 'PUT', json: card })),
    remove: (ids: readonly string[]) => run(() => call<{ deleted: number }>(at('delete'), { json: { ids } })),
    addToGroup: (name: string, ids: readonly string[]) => run(() => call<{ changed: number }>(at('groups'), { json: { name, ids } })),
    renameGroup: (from: string, name: string) => run(() => call<{ changed: number }>(at('groups', from), { method: 'PUT', json: { name } })),
    removeGroup: (name: string) => run(() => call<{ changed: number }>(at('groups', name), { method: 'DELETE' })),
    importFile: (file: File) => run(() => call<Imported>(at('import'), { body: file, type: 'application/octet-stream' })),
  };
}

export type Changes = ReturnType<typeof useChanges>;
