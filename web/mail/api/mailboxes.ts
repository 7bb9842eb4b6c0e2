/** The account's mailboxes, kept current by push. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { jmapOne } from './jmap.ts';
import { keys } from './keys.ts';
import { mailboxesAhead } from './start.ts';
import type { GetAnswer, Mailbox, Role } from './types.ts';

async function readMailboxes(signal?: AbortSignal): Promise<readonly Mailbox[]> {
  const ahead = await mailboxesAhead();
  if (ahead !== undefined) return ahead.list;
  const { list } = await jmapOne<GetAnswer<Mailbox>>('Mailbox/get', { ids: null }, signal);
  return list;
}

export const mailboxesQuery = queryOptions({ queryKey: keys.mailboxes, queryFn: ({ signal }) => readMailboxes(signal) });

export const useMailboxes = () => useQuery(mailboxesQuery);

export const byRole = (mailboxes: readonly Mailbox[], role: Role): Mailbox | undefined => mailboxes.find((each) => each.role === role);
