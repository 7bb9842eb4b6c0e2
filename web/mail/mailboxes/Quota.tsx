/** How full the mailbox is, and a way to what fills it. */
import { lazy, Suspense, useState } from 'react';
import { sizeText } from '#ui/size-text.ts';
import { useLanguage, useWords } from '#ui/words.ts';
import { fullnessOf, useQuota } from './quota.ts';
import { words } from './words.ts';
import styles from './Quota.module.css';

const Biggest = lazy(() => import('./Biggest.tsx').then(({ Biggest: component }) => ({ default: component })));

export function Quota() {
  const w = useWords(words);
  const language = useLanguage();
  const { data } = useQuota();
  const [isOpen, setOpen] = useState(false);
  if (data === undefined) return null;
  const fullness = data === null ? 'roomy' : fullnessOf(data);
  const text = data === null ? w.findBiggest : w[fullness](sizeText(data.used, language), sizeText(data.hardLimit, language));
  return (
    <>
      <button type="button" className={styles['quota']} data-fullness={fullness} onClick={() => setOpen(true)}>
        <span>{text}</span>
        {data !== null && (
          <span className={styles['bar']} aria-hidden="true">
            <span style={{ inlineSize: `${Math.min(1, data.used / data.hardLimit) * 100}%` }} />
          </span>
        )}
      </button>
      {isOpen && (
        <Suspense>
          <Biggest onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
