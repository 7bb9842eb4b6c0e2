/** One composer: it opens what is answered or gone on with, and then is the place to write. */
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { getLanguage, say, useWords } from '#ui/words.ts';
import { ApiError } from '../api/http.ts';
import { byRole, useMailboxes } from '../api/mailboxes.ts';
import { Frame, type View } from './Frame.tsx';
import { closeComposer, type Open } from './open.ts';
import { preferredMode } from './preference.ts';
import { GoneError, startOf } from './start.ts';
import { useIdentities } from './useIdentities.ts';
import { words } from './words.ts';
import { WritingPane } from './WritingPane.tsx';
import { writingOf } from './writings.ts';
import styles from './Frame.module.css';

export function Composer({ open, view, onView }: { readonly open: Open; readonly view: View; readonly onView: (view: View) => void }) {
  const w = useWords(words);
  const identities = useIdentities();
  const mailboxes = useMailboxes();
  const { key, wanted } = open;
  const start = useQuery({
    queryKey: ['composer', 'start', key],
    queryFn: () => startOf(wanted, { identities: identities.data ?? [], mode: preferredMode(), quoting: { language: getLanguage(), words: say(words) }, newId: () => crypto.randomUUID() }),
    enabled: identities.data !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: (_, error) => error instanceof ApiError && error.code === 'unavailable',
  });
  const draftsId = mailboxes.data === undefined ? undefined : (byRole(mailboxes.data, 'drafts') ?? byRole(mailboxes.data, 'inbox'))?.id;
  if (start.data !== undefined && identities.data !== undefined && draftsId !== undefined && mailboxes.data !== undefined) {
    const resumed = wanted.kind === 'resume' ? wanted : undefined;
    const started = start.data;
    const people = identities.data;
    const writing = writingOf(key, () => ({ start: started, identities: people, draftsId, trouble: resumed?.trouble, copyId: resumed?.copyId }));
    return <WritingPane open={open} writing={writing} draftsId={draftsId} sentId={byRole(mailboxes.data, 'sent')?.id} view={view} onView={onView} />;
  }
  return (
    <Frame title={w.newMessage} view={view} onView={onView} onClose={() => closeComposer(key)}>
      <p className={styles['notice']} role="status">
        {start.error instanceof GoneError ? w.gone : start.failureCount + identities.failureCount + mailboxes.failureCount > 0 ? w.cannotOpen : w.loading}
      </p>
      <CloseOnEscape onClose={() => closeComposer(key)} />
    </Frame>
  );
}

function CloseOnEscape({ onClose }: { readonly onClose: () => void }) {
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') onClose();
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [onClose]);
  return null;
}
