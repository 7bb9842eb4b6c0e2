/** What is quoted of another message: folded, to be looked at or left out. Nothing in it is fetched from elsewhere. */
import { useMemo, useState } from 'react';
import { Button, IconButton } from '#ui/Button.tsx';
import { useWords } from '#ui/words.ts';
import type { Quote } from './message.ts';
import { forPage } from './safe-html.ts';
import { words } from './words.ts';
import styles from './Quoted.module.css';

export function Quoted({ quote, urlOf, onDrop }: { readonly quote: Quote; readonly urlOf: (cid: string) => string | undefined; readonly onDrop: () => void }) {
  const w = useWords(words);
  const [isShown, setShown] = useState(false);
  const html = useMemo(() => (isShown ? forPage(quote.html, urlOf) : ''), [isShown, quote.html]);
  return (
    <div className={styles['quoted']}>
      <div className={styles['bar']}>
        <Button kind="plain" icon="more" aria-expanded={isShown} onClick={() => setShown(!isShown)}>
          {isShown ? w.hideQuote : w.showQuote}
        </Button>
        <IconButton icon="trash" size={16} label={w.dropQuote} onClick={onDrop} />
      </div>
      {isShown && <div className={styles['text']} role="region" aria-label={w.quotedMessage} tabIndex={0} dir="auto" dangerouslySetInnerHTML={{ __html: html }} />}
    </div>
  );
}
