/**
 * One mail of a conversation: folded to a line, or open with its text and what came with it.
 *
 * Invariant: only an open one fetches its body.
 */
import { useCallback, useEffect, useId, useState } from 'react';
import { Button, IconButton } from '#ui/Button.tsx';
import { Icon } from '#ui/Icon.tsx';
import { useLanguage, useWords } from '#ui/words.ts';
import { useActions } from '../actions/use-actions.ts';
import { useSession } from '../api/session.ts';
import type { Address } from '../api/types.ts';
import { parseMailto } from '../composer/mailto.ts';
import { openComposer } from '../composer/open.ts';
import { longDate, shortDate } from '../list/dates.ts';
import { initialOf, nameOf, toneOf } from '../list/people.ts';
import { getRow } from '../list/rows.ts';
import { listed, safeName } from './attachments.ts';
import { Attachments } from './Attachments.tsx';
import { Body, type View } from './Body.tsx';
import { Details } from './Details.tsx';
import { MessageMenu } from './MessageMenu.tsx';
import { Doubts } from './Notices.tsx';
import { usePrinting } from './printing.ts';
import { type InThread, type ReadEmail, useReadEmail } from './read-email.ts';
import { doubtsOf, type Unsubscribe, unsubscribeOf } from './trust.ts';
import { words } from './words.ts';
import styles from './Message.module.css';

const NONE: ReadonlySet<string> = new Set();
/** Recipients that are named in the line; the rest are in the details. */
const NAMED = 3;
const TONES = 6;

export function FoldedMessage({ email, onOpen }: { readonly email: InThread; readonly onOpen: () => void }) {
  const w = useWords(words);
  const language = useLanguage();
  const sender = senderOf(email.from, w.noSender);
  return (
    <button type="button" className={styles['folded']} aria-expanded={false} data-unread={email.keywords['$seen'] !== true || undefined} onClick={onOpen}>
      <Face name={sender} email={email.from?.[0]?.email ?? ''} />
      <span className="unseen">{w.expand} </span>
      <bdi className={styles['who']}>
        {email.keywords['$draft'] === true && <em>{w.draft} </em>}
        {sender}
      </bdi>
      <bdi className={styles['preview']}>{email.preview}</bdi>
      {email.hasAttachment && <Icon name="attach" size={16} />}
      <time dateTime={email.receivedAt} title={longDate(new Date(email.receivedAt), language)}>{shortDate(new Date(email.receivedAt), new Date(), language)}</time>
    </button>
  );
}

/** @param onFold undefined: it is the only one @param onPrint this one alone */
export function OpenMessage({ emailId, onFold, onPrint }: { readonly emailId: string; readonly onFold?: (() => void) | undefined; readonly onPrint: () => void }) {
  const w = useWords(words);
  const { data: email, isError, failureCount } = useReadEmail(emailId);
  if (email === null) return <p className={styles['state']}>{w.gone}</p>;
  if (email === undefined) return <p className={styles['state']} aria-live="polite">{isError || failureCount > 0 ? w.broken : <span className={styles['soon']}>{w.loading}</span>}</p>;
  return <Loaded email={email} onFold={onFold} onPrint={onPrint} />;
}

function Loaded({ email, onFold, onPrint }: { readonly email: ReadEmail; readonly onFold: (() => void) | undefined; readonly onPrint: () => void }) {
  const w = useWords(words);
  const language = useLanguage();
  const id = useId();
  const [isDetailed, setDetailed] = useState(false);
  const isPrinting = usePrinting();
  const [shown, setShown] = useState<ReadonlySet<string>>(NONE);
  const [view, setView] = useState<View>({ original: false, plain: false });
  const onShown = useCallback((cids: ReadonlySet<string>) => setShown(cids), []);
  const { read } = useActions();
  useEffect(() => {
    // As the list knows it now; what was kept here may be older.
    if ((getRow(email.id)?.keywords ?? email.keywords)['$seen'] !== true) void read({ ids: [email.id] }, true, true);
    // Once: who marks it as unread while it is open wants that.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [email.id]);
  const sender = senderOf(email.from, w.noSender);
  const doubts = doubtsOf({ from: email.from, replyTo: email.replyTo, results: email['header:Authentication-Results:asRaw:all'], isList: email['header:List-Id:asText'] !== null });
  const parts = listed(email.attachments, shown);
  const off = unsubscribeOf(email['header:List-Unsubscribe:asURLs'], email['header:List-Unsubscribe-Post:asRaw']);
  const at = new Date(email.sentAt ?? email.receivedAt);
  return (
    <article className={styles['message']} aria-label={w.messageFrom(sender)}>
      <header className={styles['head']}>
        <Face name={sender} email={email.from?.[0]?.email ?? ''} />
        <div className={styles['names']}>
          <p>
            {email.keywords['$draft'] === true && <em>{w.draft} </em>}
            <bdi className={styles['who']}>{sender}</bdi> <bdi className={styles['address']}>{email.from?.[0]?.email}</bdi>
          </p>
          <p className={styles['to']}>
            <Recipients list={[...(email.to ?? []), ...(email.cc ?? [])]} />
            <button type="button" aria-expanded={isDetailed} aria-controls={id} onClick={() => setDetailed(!isDetailed)}>
              {isDetailed ? w.hideDetails : w.details}
            </button>
          </p>
        </div>
        <time dateTime={at.toISOString()} title={longDate(at, language)}>{shortDate(at, new Date(), language)}</time>
        <span className={styles['tools']}>
          {onFold !== undefined && <IconButton icon="up" label={w.collapse} onClick={onFold} />}
          <MessageMenu email={email} view={view} onView={setView} onPrint={onPrint} />
        </span>
      </header>
      {(isDetailed || isPrinting) && <Details email={email} id={id} isBrief={isPrinting} />}
      <Doubts doubts={doubts} />
      {off !== undefined && <Off unsubscribe={off} />}
      <div className={styles['body']}>
        <Body email={email} sender={sender} isDoubtful={doubts.some(({ kind }) => kind === 'dmarc' || kind === 'name')} view={view} onShown={onShown} />
      </div>
      {parts.length > 0 && <Attachments parts={parts} zipName={`${safeName(email.subject, w.unnamed).slice(0, 60)}.zip`} />}
      <Answers email={email} />
    </article>
  );
}

function senderOf(from: readonly Address[] | null, none: string): string {
  const first = from?.[0];
  return first === undefined ? none : nameOf(first);
}

function Face({ name, email }: { readonly name: string; readonly email: string }) {
  return (
    <span className={styles['face']} data-tone={toneOf(email, TONES)} aria-hidden="true">
      {initialOf(name)}
    </span>
  );
}

function Recipients({ list }: { readonly list: readonly Address[] }) {
  const w = useWords(words);
  const { data: session } = useSession();
  const names = list.slice(0, NAMED).map((each) => (each.email.toLowerCase() === session?.username.toLowerCase() ? w.toMe : nameOf(each)));
  return (
    <span>
      {list.length > 0 && `${w.to} `}
      <bdi>{names.join(', ')}</bdi>
      {list.length > NAMED && ` ${w.more(list.length - NAMED)}`}
    </span>
  );
}

/** Links, which their reader follows himself: nothing of ours sends anything there. */
function Off({ unsubscribe: { web, mail } }: { readonly unsubscribe: Unsubscribe }) {
  const w = useWords(words);
  if (web !== undefined) {
    return (
      <p className={styles['off']}>
        <a href={web} target="_blank" rel="noopener noreferrer nofollow" title={w.unsubscribeTip(new URL(web).hostname)}>
          {w.unsubscribe}
        </a>
      </p>
    );
  }
  const write = (): void => {
    const mailto = parseMailto(mail ?? '');
    if (mailto !== undefined) openComposer({ kind: 'new', to: mailto.to, subject: mailto.subject === '' ? 'unsubscribe' : mailto.subject, text: mailto.text });
  };
  return (
    <p className={styles['off']}>
      <button type="button" onClick={write}>
        {w.unsubscribe}
      </button>
    </p>
  );
}

function Answers({ email }: { readonly email: ReadEmail }) {
  const w = useWords(words);
  if (email.keywords['$draft'] === true) {
    return (
      <p className={styles['answers']}>
        <Button kind="main" icon="compose" onClick={() => openComposer({ kind: 'draft', emailId: email.id })}>
          {w.editDraft}
        </Button>
      </p>
    );
  }
  const many = (email.to?.length ?? 0) + (email.cc?.length ?? 0) > 1;
  return (
    <p className={styles['answers']}>
      <Button icon="reply" onClick={() => openComposer({ kind: 'reply', emailId: email.id })}>
        {w.reply}
      </Button>
      {many && (
        <Button icon="reply-all" onClick={() => openComposer({ kind: 'reply-all', emailId: email.id })}>
          {w.replyAll}
        </Button>
      )}
      <Button icon="forward" onClick={() => openComposer({ kind: 'forward', emailId: email.id })}>
        {w.forward}
      </Button>
    </p>
  );
}
