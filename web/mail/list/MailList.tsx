/** The messages of a mailbox. */
import { useEffect, useMemo } from 'react';
import { useWords } from '#ui/words.ts';
import { useMailboxes } from '../api/mailboxes.ts';
import type { Role } from '../api/types.ts';
import { useMailboxName } from '../mailboxes/names.ts';
import { Empty } from './Empty.tsx';
import { EmailList } from './EmailList.tsx';
import { questionOf } from './inbox-ahead.ts';
import { useListPreferences } from './preferences.ts';
import { sourceOf } from './sources.ts';
import { words } from './words.ts';

export function MailList({ mailboxId, selectedId }: { readonly mailboxId: string; readonly selectedId?: string | undefined }) {
  const { data: boxes } = useMailboxes();
  const { conversations } = useListPreferences();
  const nameOf = useMailboxName();
  const box = boxes?.find(({ id }) => id === mailboxId);
  const role = box?.role ?? null;
  const question = questionOf(mailboxId, role, conversations);
  const { collapseThreads } = question;
  const isKnown = boxes !== undefined;
  const source = useMemo(() => sourceOf(question, box?.totalEmails ?? 0), [mailboxId, collapseThreads, isKnown]);
  useEffect(() => source.expect(box?.totalEmails ?? 0), [source, box?.totalEmails]);
  if (!isKnown) return null;
  return (
    <EmailList
      key={`${mailboxId} ${collapseThreads}`}
      source={source}
      title={box === undefined ? '' : nameOf(box)}
      total={box?.totalEmails}
      hrefOf={(id) => `/mail/${mailboxId}/${id}`}
      listHref={`/mail/${mailboxId}`}
      selectedId={selectedId}
      isOutgoing={role === 'sent' || role === 'drafts'}
      empty={<NoMail role={role} />}
    />
  );
}

function NoMail({ role }: { readonly role: Role | null }) {
  const w = useWords(words);
  if (role === 'inbox') return <Empty scene="boat" title={w.emptyInbox} text={w.emptyInboxText} />;
  if (role === 'trash') return <Empty scene="shell" title={w.emptyTrash} text={w.emptyTrashText} />;
  if (role === 'junk') return <Empty scene="shell" title={w.emptyJunk} text={w.emptyJunkText} />;
  return <Empty scene="boat" title={w.emptyBox} text={w.emptyBoxText} />;
}
