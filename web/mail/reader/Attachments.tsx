/**
 * What came with a mail: names, sizes, pictures to look at, all of it as one file.
 *
 * Invariants: a picture is shown only of kinds in which nothing runs; all else is a download, whatever it says that it is.
 */
import { useState } from 'react';
import { Button } from '#ui/Button.tsx';
import { Icon } from '#ui/Icon.tsx';
import { sizeText } from '#ui/size-text.ts';
import { showToast } from '#ui/toasts.ts';
import { useLanguage, useWords } from '#ui/words.ts';
import { downloadUrl } from '../api/session.ts';
import { iconOf, isPreviewed, mayRun, safeName } from './attachments.ts';
import { Preview } from './Preview.tsx';
import type { ReadPart } from './read-email.ts';
import { words } from './words.ts';
import styles from './Attachments.module.css';

/** Bytes that a browser can pack in its memory on a phone. */
const MOST_ZIPPED = 200_000_000;

export function Attachments({ parts, zipName }: { readonly parts: readonly ReadPart[]; readonly zipName: string }) {
  const w = useWords(words);
  const language = useLanguage();
  const [looked, setLooked] = useState<ReadPart>();
  const [isBusy, setBusy] = useState(false);
  const nameOf = (part: ReadPart): string => safeName(part.name, part.type === 'message/rfc822' ? `${w.attachedMessage}.eml` : w.unnamed);
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  const zip = async (): Promise<void> => {
    setBusy(true);
    try {
      const { saveAttachments } = await import('./zip-attachments.ts');
      await saveAttachments(parts.flatMap((part) => (part.blobId === null ? [] : [{ blobId: part.blobId, name: nameOf(part) }])), zipName);
    } catch {
      showToast({ text: w.zipFailed, kind: 'bad' });
    }
    setBusy(false);
  };
  return (
    <section className={styles['attachments']} aria-label={w.attachments(parts.length)}>
      <header>
        <h2>
          <Icon name="attach" size={16} /> {w.attachments(parts.length)} <span>{sizeText(size, language)}</span>
        </h2>
        {parts.length > 1 && size <= MOST_ZIPPED && (
          <Button kind="quiet" icon="download" busy={isBusy} onClick={() => void zip()}>
            {w.downloadAll}
          </Button>
        )}
      </header>
      <ul>
        {parts.map((part, n) => {
          const name = nameOf(part);
          const url = part.blobId === null ? undefined : downloadUrl(part.blobId, name, part.type);
          const isPicture = url !== undefined && isPreviewed(part);
          return (
            <li key={part.blobId ?? n} className={styles['one']}>
              {isPicture ? (
                <button type="button" className={styles['look']} aria-label={w.preview(name)} onClick={() => setLooked(part)}>
                  <img src={url} alt="" loading="lazy" decoding="async" />
                </button>
              ) : (
                <span className={styles['kind']}>
                  <Icon name={iconOf(part.type)} size={22} />
                </span>
              )}
              <a href={url} download={name} title={name}>
                <bdi>
                  <span className="unseen">{w.download} </span>
                  {name}
                </bdi>
                <span>{sizeText(part.size, language)}</span>
                {mayRun(name) && <span className={styles['warning']}>{w.mayRun}</span>}
              </a>
              <Icon name="download" size={18} />
            </li>
          );
        })}
      </ul>
      {looked?.blobId != null && <Preview url={downloadUrl(looked.blobId, nameOf(looked), looked.type)} name={nameOf(looked)} onClose={() => setLooked(undefined)} />}
    </section>
  );
}
