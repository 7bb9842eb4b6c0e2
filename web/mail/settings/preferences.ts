/**
 * What the customer set about the pages: kept by the server, so it is the same in every browser.
 *
 * Invariant: a change is shown at once; if the server does not take it, the page says so and shows what is so.
 */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Preferences, PreferencesBody } from '#webmail/settings/api.ts';
import { setTheme } from '#ui/theme.ts';
import { showToast } from '#ui/toasts.ts';
import { LANGUAGES, type Language, say, setLanguage } from '#ui/words.ts';
import { ApiError, call } from '../api/http.ts';
import { keys } from '../api/keys.ts';
import { words } from './words.ts';

export type { Preferences } from '#webmail/settings/api.ts';

const read = (signal?: AbortSignal): Promise<Preferences> => call<Preferences>('/api/settings', { signal });

/** Undefined until they are there. */
export function usePreferences(): Preferences | undefined {
  return useQuery({ queryKey: keys.settings, queryFn: ({ signal }) => read(signal) }).data;
}

/** Changes on their way, one after the other. */
let onTheWay = 0;
let last: Promise<unknown> = Promise.resolve();

/** @returns saves what is named; resolves to whether the server took it */
export function useSavePreferences(): (change: PreferencesBody) => Promise<boolean> {
  const queries = useQueryClient();
  return async (change) => {
    // An answer that is on its way may be of before the change.
    void queries.cancelQueries({ queryKey: keys.settings }, { revert: false });
    queries.setQueryData<Preferences>(keys.settings, (now) => (now === undefined ? now : { ...now, ...change }));
    onTheWay += 1;
    const saved = last.then(() => call<Preferences>('/api/settings', { method: 'PUT', json: change }));
    last = saved.catch(() => {});
    try {
      const now = await saved;
      // An answer to an earlier change knows nothing of the later ones.
      if (onTheWay === 1) queries.setQueryData(keys.settings, now);
      return true;
    } catch (error) {
      showToast({ kind: 'bad', text: (error instanceof ApiError ? error.sentence : undefined) ?? say(words).notSaved });
      void queries.invalidateQueries({ queryKey: keys.settings });
      return false;
    } finally {
      onTheWay -= 1;
    }
  };
}

/** Shows the page in the language and the light that the customer chose in whatever browser. */
export function useAppliedPreferences(): void {
  const preferences = usePreferences();
  const theme = preferences?.theme;
  const language = preferences?.language;
  useEffect(() => {
    if (theme !== undefined) setTheme(theme);
  }, [theme]);
  useEffect(() => {
    const known = language?.slice(0, 2);
    if (known !== undefined && known in LANGUAGES) setLanguage(known as Language);
  }, [language]);
}
