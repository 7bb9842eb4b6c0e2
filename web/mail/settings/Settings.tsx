/** The settings page: sections beside the open one; on a phone one after the other. */
import { Suspense } from 'react';
import { Link } from 'wouter';
import { classes } from '#ui/classes.ts';
import { Icon } from '#ui/Icon.tsx';
import { useWords } from '#ui/words.ts';
import { type Section, SECTIONS } from './sections.ts';
import { words } from './words.ts';
import styles from './Settings.module.css';

/** @param sectionId undefined: the list on a phone, the first section on a desk */
export function Settings({ sectionId }: { readonly sectionId: string | undefined }) {
  const w = useWords(words);
  const open = SECTIONS.find(({ id }) => id === sectionId) ?? SECTIONS[0]!;
  return (
    <main className={styles['settings']} id="messages" tabIndex={-1} data-open={sectionId !== undefined || undefined}>
      <nav className={styles['sections']} aria-label={w.settings}>
        <h1>{w.settings}</h1>
        <ul>
          {SECTIONS.map((section) => (
            <SectionLink key={section.id} section={section} isOpen={section === open} />
          ))}
        </ul>
      </nav>
      <div className={styles['main']}>
        <div className={styles['page']}>
          {/* On a phone the list's own is not there. */}
          <h1 className={classes('unseen', styles['narrow'])}>{w.settings}</h1>
          <Link className={styles['back']} href="/settings">
            <Icon name="back" />
            {w.settings}
          </Link>
          <Opened key={open.id} section={open} />
        </div>
      </div>
    </main>
  );
}

function SectionLink({ section: { id, icon, words: named }, isOpen }: { readonly section: Section; readonly isOpen: boolean }) {
  const { title, about } = useWords(named);
  return (
    <li>
      <Link className={classes(styles['link'], isOpen && styles['current'])} href={`/settings/${id}`} aria-current={isOpen ? 'page' : undefined}>
        <Icon name={icon} />
        <span>
          <b>{title}</b>
          <small>{about}</small>
        </span>
      </Link>
    </li>
  );
}

function Opened({ section: { words: named, Page } }: { readonly section: Section }) {
  const { title, about } = useWords(named);
  return (
    <>
      <h2>{title}</h2>
      <p className={styles['about']}>{about}</p>
      <Suspense fallback={null}>
        <Page />
      </Suspense>
    </>
  );
}
