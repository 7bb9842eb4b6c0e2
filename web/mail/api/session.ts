/** JMAP's session (RFC 8620 section 2) of whoever is signed in in this browser. */
import { useQuery } from '@tanstack/react-query';
import { call } from './http.ts';
import { keys } from './keys.ts';

export type Session = {
  readonly username: string;
  readonly accounts: Readonly<Record<string, { readonly name: string; readonly accountCapabilities: Readonly<Record<string, Readonly<Record<string, unknown>>>> }>>;
  readonly capabilities: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly primaryAccounts: Readonly<Record<string, string>>;
  readonly apiUrl: string;
  readonly downloadUrl: string;
  readonly uploadUrl: string;
  readonly eventSourceUrl: string;
  readonly state: string;
};

export const MAIL = 'urn:ietf:params:jmap:mail';

/** What is known of the session, for code that is no component. It is there whenever somebody is signed in. */
let current: Session | undefined;

export async function loadSession(signal?: AbortSignal): Promise<Session> {
  current = here(await call<Session>('/jmap/session', { signal }));
  return current;
}

/** The page speaks to where it came from, by whatever name its reader came: all else its policy refuses. */
const here = (session: Session): Session => ({ ...session, apiUrl: pathOf(session.apiUrl), downloadUrl: pathOf(session.downloadUrl), uploadUrl: pathOf(session.uploadUrl), eventSourceUrl: pathOf(session.eventSourceUrl) });
const pathOf = (url: string): string => url.replace(/^https?:\/\/[^/]+/, '');

export const isKnown = (): boolean => current !== undefined;

export const setSession = (session: Session): void => void (current = session);

export const forgetSession = (): void => void (current = undefined);

export function getSession(): Session {
  if (current === undefined) throw new Error('nobody is signed in');
  return current;
}

export const accountIdOf = (session: Session): string => session.primaryAccounts[MAIL] ?? Object.keys(session.accounts)[0]!;

/** `data` undefined with an error of `signed-out`: nobody is signed in. @param load how it is read */
export function useSession(load = loadSession) {
  return useQuery({ queryKey: keys.session, queryFn: ({ signal }) => load(signal), staleTime: Number.POSITIVE_INFINITY });
}

/** Where a blob can be had (RFC 8620 section 6.2). @param type as the browser shall take it */
export function downloadUrl(blobId: string, name: string, type = 'application/octet-stream'): string {
  const session = getSession();
  const values: Readonly<Record<string, string>> = { accountId: accountIdOf(session), blobId, name: name === '' ? 'attachment' : name, type };
  return session.downloadUrl.replaceAll(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(values[key] ?? ''));
}

/** Where to POST a blob (RFC 8620 section 6.1). */
export function uploadUrl(): string {
  const session = getSession();
  return session.uploadUrl.replace('{accountId}', encodeURIComponent(accountIdOf(session)));
}
