/** What is dragged: emails of a list, or a mailbox. Kinds of our own, so that nothing else is taken for them. */
export const EMAILS = 'application/x-emails';
export const MAILBOX = 'application/x-mailbox';

/** `threadsIn`: the rows stand for conversations in this mailbox. */
export type DraggedEmails = { readonly ids: readonly string[]; readonly threadsIn: string | null };

export function readEmails(data: DataTransfer): DraggedEmails | undefined {
  const text = data.getData(EMAILS);
  if (text === '') return undefined;
  const { ids, threadsIn } = JSON.parse(text) as Partial<DraggedEmails>;
  return Array.isArray(ids) ? { ids: ids.filter((id): id is string => typeof id === 'string'), threadsIn: typeof threadsIn === 'string' ? threadsIn : null } : undefined;
}
