/** How full the mailbox is, and a way to what fills it. */
import { lazy, Suspense, useState } from 'react';
import { sizeText } from '#ui/size-text.ts';
import { useLanguage, useWords } from '#ui/words.ts';
import { useQuota } from './quota.ts';
import { words } from './words.ts';
import styles from './Quota.module.css';

const Biggest = lazy(() => import('./Biggest.tsx').then(({ Biggest: component }) => ({ default: component })));

/** From here on it is time to tidy up. */
const FULL = 0.9;

export function Quota() {
  const w = useWords(words);
  const language = useLanguage();
  const { data } = useQuota();
  const [isOpen, setOpen] = useState(false);
  if (data === undefined) return null;
  const text = data === null ? w.findBiggest : w.used(sizeText(data.used, language), sizeText(data.hardLimit, language));
  return (
    <>
      <button type="button" className={styles['quota']} data-full={(data !== null && data.used >= data.hardLimit * FULL) || undefined} onClick={() => setOpen(true)}>
        <span>{text}</span>
        {data !== null && <meter aria-label={w.space} min={0} max={data.hardLimit} high={data.hardLimit * FULL} value={Math.min(data.used, data.hardLimit)} />}
      </button>
      {isOpen && (
        <Suspense>
          <Biggest onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
