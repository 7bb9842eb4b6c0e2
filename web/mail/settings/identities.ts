/** Identities as the page asks for and changes them (RFC 8621 section 6). */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { jmapOne, JmapError } from '../api/jmap.ts';
import { keys } from '../api/keys.ts';
import type { Address, GetAnswer, Identity, SetAnswer, SetError } from '../api/types.ts';

export function useIdentities(): readonly Identity[] | undefined {
  return useQuery({ queryKey: keys.identities, queryFn: async ({ signal }) => (await jmapOne<GetAnswer<Identity>>('Identity/get', { ids: null }, signal)).list }).data;
}

type Change = { readonly create?: Readonly<Record<string, unknown>>; readonly update?: Readonly<Record<string, unknown>>; readonly destroy?: readonly string[] };

/** @returns makes one change @throws ApiError, JmapError */
export function useChangeIdentities(): (change: Change) => Promise<void> {
  const queries = useQueryClient();
  return async (change) => {
    const { notCreated, notUpdated, notDestroyed } = await jmapOne<SetAnswer>('Identity/set', change);
    await queries.invalidateQueries({ queryKey: keys.identities });
    const [error] = [notCreated, notUpdated, notDestroyed].flatMap((each) => Object.values(each ?? {}) as SetError[]);
    if (error !== undefined) throw new JmapError('Identity/set', error.type, error.description);
  };
}

/** `Jane <jane@example.net>, john@example.net` as a person types it; undefined when a part is no address. */
export function addressesOf(typed: string): Address[] | null | undefined {
  const parts = typed.split(/[,;]/).map((part) => part.trim()).filter((part) => part !== '');
  if (parts.length === 0) return null;
  const found = parts.map((part) => /^(?:"?([^"<>]*?)"?\s*<([^\s<>@]+@[^\s<>@]+)>|([^\s<>@]+@[^\s<>@]+))$/.exec(part));
  return found.every((each) => each !== null) ? found.map(([, name, inAngles, bare]) => ({ name: name === undefined || name === '' ? null : name, email: (inAngles ?? bare)! })) : undefined;
}

export const typedOf = (addresses: readonly Address[] | null): string => (addresses ?? []).map(({ name, email }) => (name === null || name === '' ? email : `${name} <${email}>`)).join(', ');

/** What plain-text mail has of a signature: line ends where blocks end. */
export function plainTextOf(html: string): string {
  return html
    .replaceAll(/<br\s*\/?>|<\/(?:p|div|li|h[1-6])>/gi, '\n')
    .replaceAll(/<a\s[^>]*href="(https?:[^"]*)"[^>]*>([^<]*)<\/a>/gi, (_, href: string, text: string) => (text.trim() === '' || href.includes(text.trim()) ? href : `${text} (${href})`))
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&nbsp;', ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .trim();
}
