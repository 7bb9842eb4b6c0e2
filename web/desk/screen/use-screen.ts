/** One account's screen, kept fresh while it is looked at. */
import { useQuery } from '@tanstack/react-query';
import { type Screen, screenPath } from '#desk/screen/api.ts';
import { ask } from '#ui/staff/ask.ts';

/** A caller tries again while on the line: the line that says why should be there before they have read it out. */
const EVERY_MS = 5_000;

export const screenKey = (accountId: number) => ['screen', accountId] as const;

export const useScreen = (accountId: number) =>
  useQuery({ queryKey: screenKey(accountId), queryFn: ({ signal }) => ask<Screen>(screenPath(accountId), undefined, signal), refetchInterval: EVERY_MS });
