/**
 * The open conversation: its subject, what can be done with it, and its mails, of which those that were read are folded.
 *
 * Invariants: opening marks as read what is open, silently, once. An action is for the mails of the conversation that are in
 * the mailbox that is looked at; after one that takes it away, the list is shown again.
 */
import { useEffect, useMemo, useRef, useState } from 'react';
import { Button } from '#ui/Button.tsx';
import { useWords } from '#ui/words.ts';
import { FoldedMessage, OpenMessage } from './Message.tsx';
import { usePrintAlone } from './printing.ts';
import { inOrder, useReadEmail, useThread } from './read-email.ts';
import { ReaderBar } from './ReaderBar.tsx';
import { words } from './words.ts';
import styles from './Reader.module.css';

/** Mails of a conversation that are opened at once, at most. */
const AT_ONCE = 12;

export function Reader({ emailId, mailboxId }: { readonly emailId: string; readonly mailboxId?: string | undefined }) {
  // What is folded and open belongs to one conversation.
  return <Conversation key={emailId} emailId={emailId} mailboxId={mailboxId} />;
}

function Conversation({ emailId, mailboxId }: { readonly emailId: string; readonly mailboxId: string | undefined }) {
  const w = useWords(words);
  const { data: email } = useReadEmail(emailId);
  const thread = useThread(email);
  const list = useMemo(() => inOrder(thread.data ?? [], emailId), [thread.data, emailId]);
  const [toggled, setToggled] = useState<ReadonlyMap<string, boolean>>(new Map());
  const heading = useRef<HTMLHeadingElement>(null);
  // For who reads by ear, and on a phone, where the list is gone: here it begins.
  useEffect(() => heading.current?.focus({ preventScroll: true }), [email?.id]);
  // What was unread stays open when it is not any more.
  const opened = useRef(new Set<string>([emailId]));
  for (const { id, keywords } of list) if (keywords['$seen'] !== true) opened.current.add(id);
  const isOpen = (id: string): boolean => toggled.get(id) ?? opened.current.has(id);
  const toggle = (id: string, open: boolean): void => setToggled(new Map(toggled).set(id, open));
  const [alone, print] = usePrintAlone();
  const subject = email?.subject?.trim() ?? '';
  const folded = list.filter(({ id }) => !isOpen(id));
  return (
    <div className={styles['reader']}>
      <ReaderBar email={email ?? undefined} thread={list} mailboxId={mailboxId} />
      <div className={styles['paper']}>
        <h1 ref={heading} tabIndex={-1} dir="auto">
          {email === undefined || email === null ? '' : subject === '' ? w.noSubject : subject}
        </h1>
        {list.length > 1 && (
          <p className={styles['count']}>
            {w.inConversation(list.length)}
            {folded.length > 1 && (
              <Button kind="quiet" onClick={() => setToggled(new Map(list.slice(-AT_ONCE).map(({ id }) => [id, true])))}>
                {w.expandAll}
              </Button>
            )}
          </p>
        )}
        {list.length <= 1 ? (
          <OpenMessage emailId={emailId} onPrint={() => print(emailId)} />
        ) : (
          <ol aria-label={w.conversation} data-alone={alone !== undefined || undefined}>
            {list.map((each) => (
              <li key={each.id} data-alone={alone === each.id || undefined}>{isOpen(each.id) ? <OpenMessage emailId={each.id} onFold={() => toggle(each.id, false)} onPrint={() => print(each.id)} /> : <FoldedMessage email={each} onOpen={() => toggle(each.id, true)} />}</li>
            ))}
          </ol>
        )}
      </div>
    </div>
  );
}
