/** Whom the customer knows: contacts, those written to, and those in the newest messages sent. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { call } from '../api/http.ts';
import { jmap, refer } from '../api/jmap.ts';
import { byRole, useMailboxes } from '../api/mailboxes.ts';
import type { Address, Email, GetAnswer, QueryAnswer } from '../api/types.ts';
import { addressKey } from './recipients.ts';
import type { Known } from './suggestions.ts';

/** The answer of `GET /api/contacts` (src/webmail/contacts/api.ts), as far as it is needed here. */
type Book = {
  readonly contacts: readonly { readonly name: string; readonly emails: readonly { readonly address: string }[] }[];
  readonly suggestions: readonly { readonly name: string; readonly email: string; readonly uses: number }[];
};

/** Some weeks of one who writes often. */
const MESSAGES = 100;

async function readSent(sentId: string, signal: AbortSignal): Promise<readonly Address[]> {
  const [, { list }] = await jmap<readonly [QueryAnswer, GetAnswer<Pick<Email, 'to' | 'cc'>>]>(
    [
      ['Email/query', { filter: { inMailbox: sentId }, sort: [{ property: 'receivedAt', isAscending: false }], limit: MESSAGES }, 'q'],
      ['Email/get', { '#ids': refer('q', 'Email/query', '/ids'), properties: ['to', 'cc'] }, 'g'],
    ],
    signal,
  );
  return list.flatMap(({ to, cc }) => [...(to ?? []), ...(cc ?? [])]);
}

/** Without either of them the field still takes addresses. */
export function useKnown(): readonly Known[] {
  const { data: mailboxes } = useMailboxes();
  const sentId = mailboxes === undefined ? undefined : byRole(mailboxes, 'sent')?.id;
  const contacts = useQuery({ queryKey: ['contacts'], queryFn: ({ signal }) => call<Book>('/api/contacts', { signal }), staleTime: 60_000, retry: 1 });
  const sent = useQuery({ queryKey: ['composer', 'sent', sentId], queryFn: ({ signal }) => readSent(sentId ?? '', signal), enabled: sentId !== undefined, staleTime: 10 * 60_000, retry: 1 });
  return useMemo(() => {
    const uses = new Map<string, Known>();
    for (const one of sent.data ?? []) uses.set(addressKey(one), { ...one, weight: (uses.get(addressKey(one))?.weight ?? 0) + 1 });
    return [
      // A contact's name is the one that its owner chose.
      ...(contacts.data?.contacts ?? []).flatMap(({ name, emails }) => emails.map(({ address }): Known => ({ name: name === '' ? null : name, email: address, weight: 1_000 + (uses.get(addressKey({ email: address }))?.weight ?? 0) }))),
      ...(contacts.data?.suggestions ?? []).map(({ name, email, uses: weight }): Known => ({ name: name === '' ? null : name, email, weight })),
      ...uses.values(),
    ];
  }, [contacts.data, sent.data]);
}
