/**
 * Pictures that are elsewhere: whether this customer wants them, and by which address of ours they are fetched.
 *
 * Invariant: nothing is signed, and so nothing is fetched, but what a reader asked to see (src/webmail/remote-content.ts).
 */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { call } from '../api/http.ts';
import { keys } from '../api/keys.ts';

/** As far as the reader knows the settings (src/webmail/settings/api.ts). */
type Settings = { readonly remoteContentFrom: readonly string[] };

let signing: Promise<CryptoKey> | undefined;

async function signingKey(): Promise<CryptoKey> {
  const { key } = await call<{ readonly key: string }>('/api/remote/key');
  const bytes = Uint8Array.from(atob(key.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
}

/** Forgets the key: another customer may sign in in this page. */
export const forgetKey = (): void => void (signing = undefined);

/** The address by which our server fetches it. @throws ApiError */
export async function remoteUrl(url: string): Promise<string> {
  signing ??= signingKey();
  try {
    const signature = await crypto.subtle.sign('HMAC', await signing, new TextEncoder().encode(url));
    const text = btoa(String.fromCharCode(...new Uint8Array(signature))).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
    return `/api/remote?${new URLSearchParams({ u: url, s: text })}`;
  } catch (error) {
    forgetKey();
    throw error;
  }
}

export type Allowed = {
  readonly isAllowed: boolean;
  /** Keeps that the sender's pictures are always shown. */
  allow(): Promise<void>;
};

/** @param sender undefined: one whom nobody can allow */
export function useAllowed(sender: string | undefined): Allowed {
  const client = useQueryClient();
  const { data } = useQuery({ queryKey: keys.settings, queryFn: ({ signal }) => call<Settings>('/api/settings', { signal }) });
  const put = useMutation({
    mutationFn: async (email: string) => {
      const { remoteContentFrom } = await client.fetchQuery({ queryKey: keys.settings, queryFn: ({ signal }) => call<Settings>('/api/settings', { signal }), staleTime: 0 });
      await call('/api/settings', { method: 'PUT', json: { remoteContentFrom: [...new Set([...remoteContentFrom, email])] } });
      await client.invalidateQueries({ queryKey: keys.settings });
    },
  });
  const email = sender?.toLowerCase();
  return { isAllowed: email !== undefined && data?.remoteContentFrom.includes(email) === true, allow: async () => (email === undefined ? undefined : put.mutateAsync(email)) };
}
