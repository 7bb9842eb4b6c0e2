/** A plain text, with its links, and what is quoted folded away. It is never HTML: React writes text. */
import { Fragment, useMemo } from 'react';
import { useWords } from '#ui/words.ts';
import { piecesOf } from './links.ts';
import { type Block, blocksOf, flowOf, foldAt } from './plain-text.ts';
import { words } from './words.ts';
import styles from './Body.module.css';

/** Characters in which links are looked for; behind them a text is text. */
const LINKED = 300_000;

export function TextBody({ text, contentType, onMail }: { readonly text: string; readonly contentType: string | null | undefined; readonly onMail: (href: string) => void }) {
  const w = useWords(words);
  const blocks = useMemo(() => blocksOf(text, flowOf(contentType)), [text, contentType]);
  const fold = foldAt(blocks);
  const isLong = text.length > LINKED;
  return (
    <div className={styles['text']}>
      <Blocks blocks={blocks.slice(0, fold)} isLong={isLong} onMail={onMail} />
      {fold < blocks.length && (
        <details className={styles['quoted']}>
          <summary aria-label={w.showQuoted} title={w.showQuoted}>• • •</summary>
          <Blocks blocks={blocks.slice(fold)} isLong={isLong} onMail={onMail} />
        </details>
      )}
    </div>
  );
}

function Blocks({ blocks, isLong, onMail }: { readonly blocks: readonly Block[]; readonly isLong: boolean; readonly onMail: (href: string) => void }) {
  return blocks.map(({ depth, lines }, n) => {
    const text = lines.join('\n');
    const inside = (
      <div dir="auto" className={styles['lines']}>
        {isLong ? text : piecesOf(text).map(({ text: piece, href }, at) => (href === undefined ? <Fragment key={at}>{piece}</Fragment> : <Link key={at} text={piece} href={href} onMail={onMail} />))}
      </div>
    );
    // One bar for each level.
    return <Fragment key={n}>{Array.from({ length: depth }).reduce<React.ReactNode>((inner) => <blockquote>{inner}</blockquote>, inside)}</Fragment>;
  });
}

function Link({ text, href, onMail }: { readonly text: string; readonly href: string; readonly onMail: (href: string) => void }) {
  const isMail = href.startsWith('mailto:');
  return (
    <a
      href={href}
      {...(isMail ? {} : { target: '_blank', rel: 'noopener noreferrer nofollow' })}
      onClick={(event) => {
        if (!isMail) return;
        event.preventDefault();
        onMail(href);
      }}
    >
      {text}
    </a>
  );
}
