/** The text of a mail, part by part, and the notice about what is not fetched. */
import { useCallback, useState } from 'react';
import { classes } from '#ui/classes.ts';
import { useDark } from '#ui/theme.ts';
import { showToast } from '#ui/toasts.ts';
import { useWords } from '#ui/words.ts';
import { downloadUrl } from '../api/session.ts';
import { parseMailto } from '../composer/mailto.ts';
import { openComposer } from '../composer/open.ts';
import { isPreviewed, safeName } from './attachments.ts';
import { Deception, type Deceived } from './Deception.tsx';
import { HtmlBody, type Found } from './HtmlBody.tsx';
import { deception } from './links.ts';
import { RemoteNotice } from './Notices.tsx';
import type { ReadEmail, ReadPart } from './read-email.ts';
import { useAllowed } from './remote.ts';
import { TextBody } from './TextBody.tsx';
import { usePrinting } from './printing.ts';
import { words } from './words.ts';
import styles from './Body.module.css';

/** How a reader wants this one mail. */
export type View = { readonly original: boolean; readonly plain: boolean };

export function Body({ email, sender, isDoubtful, view, onShown }: {
  readonly email: ReadEmail;
  readonly sender: string;
  /** Who sent it could not be confirmed, so what is allowed for the sender does not count. */
  readonly isDoubtful: boolean;
  readonly view: View;
  readonly onShown: (cids: ReadonlySet<string>) => void;
}) {
  const w = useWords(words);
  const isDark = useDark() && !view.original;
  const isPrinting = usePrinting();
  const address = email.from?.[0]?.email;
  const { isAllowed, allow } = useAllowed(address);
  const [once, setOnce] = useState(false);
  const [found, setFound] = useState<Found>();
  const [tooLarge, setTooLarge] = useState(false);
  const [deceived, setDeceived] = useState<Deceived>();
  const remote = once || (isAllowed && !isDoubtful);
  const onFound = useCallback((news: Found) => {
    setFound(news);
    onShown(news.shown);
  }, [onShown]);
  const partUrl = (cid: string): string | undefined => {
    const part = [...email.attachments, ...email.htmlBody].find((each) => each.cid === cid && each.blobId !== null && isPreviewed(each));
    return part === undefined ? undefined : downloadUrl(part.blobId!, safeName(part.name), part.type);
  };
  const onLink = {
    mail: (href: string): void => {
      const mailto = parseMailto(href);
      if (mailto !== undefined) openComposer({ kind: 'new', to: mailto.to, cc: mailto.cc, subject: mailto.subject, text: mailto.text });
    },
    deceptive: (text: string, href: string): boolean => {
      const lie = deception(text, href);
      if (lie !== undefined) setDeceived({ ...lie, href });
      return lie !== undefined;
    },
  };
  const show = (part: ReadPart): React.ReactNode => {
    const value = email.bodyValues[part.partId ?? ''];
    if (part.type.startsWith('image/') && part.blobId !== null && isPreviewed(part)) return <img className={styles['picture']} src={downloadUrl(part.blobId, safeName(part.name), part.type)} alt={part.name ?? ''} loading="lazy" />;
    if (value === undefined) return null;
    if (part.type === 'text/html' && !view.plain && !tooLarge) return <HtmlBody html={value.value} title={w.messageFrom(sender)} isDark={isDark && !isPrinting} remote={remote} partUrl={partUrl} onFound={onFound} onLink={onLink} onTooLarge={() => setTooLarge(true)} />;
    return <TextBody text={part.type === 'text/html' ? wordsOf(value.value) : value.value} contentType={part['header:Content-Type:asRaw']} onMail={onLink.mail} />;
  };
  const values = Object.values(email.bodyValues);
  const isEmpty = values.every(({ value }) => value.trim() === '') && email.htmlBody.every(({ type }) => !type.startsWith('image/'));
  return (
    <>
      {found !== undefined && found.remote > 0 && !remote && !view.plain && (
        <RemoteNotice
          sender={address}
          isDoubtful={isDoubtful}
          onOnce={() => setOnce(true)}
          onAlways={() => {
            setOnce(true);
            allow().catch(() => showToast({ text: w.remoteFailed, kind: 'bad' }));
          }}
        />
      )}
      {isEmpty ? (
        <p className={styles['none']}>{w.noText}</p>
      ) : (
        <div className={classes(view.original && !view.plain && styles['original'])}>
          {email.htmlBody.map((part, n) => (
            <div key={part.partId ?? n}>{show(part)}</div>
          ))}
        </div>
      )}
      {tooLarge && <p className={styles['none']}>{w.tooLarge}</p>}
      {values.some(({ isTruncated }) => isTruncated) && <p className={styles['none']}>{w.truncated}</p>}
      {found !== undefined && found.trackers > 0 && <p className={styles['none']}>{w.trackers(found.trackers)}</p>}
      {deceived !== undefined && <Deception {...deceived} onClose={() => setDeceived(undefined)} />}
    </>
  );
}

/** The words of HTML, by a document that runs and loads nothing. */
function wordsOf(html: string): string {
  const { body } = new DOMParser().parseFromString(html, 'text/html');
  for (const each of body.querySelectorAll('style, script, title, template, noscript')) each.remove();
  for (const each of body.querySelectorAll('br, p, div, tr, li, h1, h2, h3, h4, blockquote')) each.append('\n');
  return body.textContent.replaceAll(/[ \t\u{a0}]+/gu, ' ').replaceAll(/\n[ \n]+/g, '\n\n').trim();
}
