/**
 * What the reader asks of JMAP: an email with its body, and the others of its conversation.
 *
 * Invariant: a letter does not change, only where it lies and its flags. After news no more is asked for of what is known:
 * to read it anew a platform opens its file, which with 100,000 in a folder and one of them renamed (that is how it became
 * read) takes as long as to open the mailbox.
 */
import { type QueryFunctionContext, useQuery } from '@tanstack/react-query';
import { jmap, jmapOne, refer } from '../api/jmap.ts';
import { keys } from '../api/keys.ts';
import type { BodyPart, Email, GetAnswer } from '../api/types.ts';

export type ReadPart = BodyPart & { readonly 'header:Content-Type:asRaw'?: string | null };

export type ReadEmail = Omit<Email, 'htmlBody' | 'attachments'> & {
  readonly htmlBody: readonly ReadPart[];
  readonly attachments: readonly ReadPart[];
  readonly 'header:Authentication-Results:asRaw:all': readonly string[];
  readonly 'header:List-Unsubscribe:asURLs': readonly string[] | null;
  readonly 'header:List-Unsubscribe-Post:asRaw': string | null;
  readonly 'header:List-Id:asText': string | null;
};

type Changing = Pick<Email, 'id' | 'mailboxIds' | 'keywords'>;

export type InThread = Pick<Email, 'id' | 'from' | 'to' | 'preview' | 'receivedAt' | 'keywords' | 'mailboxIds' | 'hasAttachment' | 'messageId'>;

const PROPERTIES = [
  'id', 'blobId', 'threadId', 'mailboxIds', 'keywords', 'size', 'receivedAt', 'sentAt', 'messageId', 'from', 'to', 'cc', 'bcc', 'replyTo', 'subject', 'hasAttachment', 'preview', 'htmlBody', 'attachments', 'bodyValues',
  'header:Authentication-Results:asRaw:all', 'header:List-Unsubscribe:asURLs', 'header:List-Unsubscribe-Post:asRaw', 'header:List-Id:asText',
];
const PART = ['partId', 'blobId', 'size', 'name', 'type', 'charset', 'disposition', 'cid', 'header:Content-Type:asRaw'];
const CHANGING = ['id', 'mailboxIds', 'keywords'];
const IN_THREAD = ['id', 'from', 'to', 'preview', 'receivedAt', 'keywords', 'mailboxIds', 'hasAttachment', 'messageId'];

/** How an email is asked for; the list may do it before it is opened. */
export const readQuery = (emailId: string) => ({
  queryKey: keys.email(emailId, 'read'),
  queryFn: async ({ client, queryKey, signal }: QueryFunctionContext): Promise<ReadEmail | null> => {
    const known = client.getQueryData<ReadEmail | null>(queryKey) ?? undefined;
    if (known !== undefined) {
      const { list } = await jmapOne<GetAnswer<Changing>>('Email/get', { ids: [emailId], properties: CHANGING }, signal);
      return list[0] === undefined ? null : { ...known, ...list[0] };
    }
    const { list } = await jmapOne<GetAnswer<ReadEmail>>('Email/get', { ids: [emailId], properties: PROPERTIES, bodyProperties: PART, fetchHTMLBodyValues: true }, signal);
    return list[0] ?? null;
  },
  // Its flags are the list's matter.
  staleTime: 5 * 60_000,
});

/** `data` null: there is no such email any more. */
export const useReadEmail = (emailId: string) => useQuery(readQuery(emailId));

/** The others of its conversation with it, the oldest first; a copy that one wrote to oneself once. */
export function useThread(email: ReadEmail | null | undefined) {
  return useQuery({
    queryKey: [...keys.thread(email?.threadId ?? ''), 'read'],
    enabled: email !== null && email !== undefined,
    queryFn: async ({ client, queryKey, signal }) => {
      const known = new Map((client.getQueryData<readonly InThread[]>(queryKey) ?? []).map((each) => [each.id, each]));
      const [, { list }] = await jmap<readonly [unknown, GetAnswer<Changing & Partial<InThread>>]>(
        [
          ['Thread/get', { ids: [email!.threadId] }, 't'],
          ['Email/get', { '#ids': refer('t', 'Thread/get', '/list/*/emailIds'), properties: known.size > 0 ? CHANGING : IN_THREAD }, 'e'],
        ],
        signal,
      );
      const came = list.filter(({ id }) => !known.has(id));
      const whole = known.size === 0 || came.length === 0 ? came : (await jmapOne<GetAnswer<InThread>>('Email/get', { ids: came.map(({ id }) => id), properties: IN_THREAD }, signal)).list;
      for (const each of whole) known.set(each.id, each as InThread);
      // One that went between the two is not there.
      return list.flatMap((each) => (known.has(each.id) ? [{ ...known.get(each.id)!, ...each }] : []));
    },
  });
}

export function inOrder(list: readonly InThread[], openId: string): readonly InThread[] {
  const seen = new Map<string, InThread>();
  for (const email of list) {
    const key = email.messageId?.[0] ?? email.id;
    if (!seen.has(key) || email.id === openId) seen.set(key, email);
  }
  return [...seen.values()].toSorted((a, b) => a.receivedAt.localeCompare(b.receivedAt));
}
