/** The list: of 10,000 people only those in sight are in the page. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import { Link } from 'wouter';
import type { Contact } from '#webmail/contacts/api.ts';
import { useWords } from '#ui/words.ts';
import { Face } from './Face.tsx';
import { subtitleOf, titleOf } from './people.ts';
import { words } from './words.ts';
import styles from './Contacts.module.css';

/** Pixels, as in the style. */
const ROW = 60;

export function ContactList({ contacts, openId }: { readonly contacts: readonly Contact[]; readonly openId: string | undefined }) {
  const w = useWords(words);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({ count: contacts.length, getScrollElement: () => scroller.current, estimateSize: () => ROW, overscan: 8, getItemKey: (index) => contacts[index]!.id });
  if (contacts.length === 0) return <p className={styles['quiet']}>{w.noneFound}</p>;
  return (
    <div ref={scroller} className={styles['scroller']} tabIndex={-1}>
      <ul style={{ blockSize: rows.getTotalSize(), position: 'relative' }}>
        {rows.getVirtualItems().map(({ index, start, key }) => {
          const contact = contacts[index]!;
          return (
            <li key={key} className={styles['row']} style={{ transform: `translateY(${start}px)` }} aria-setsize={contacts.length} aria-posinset={index + 1}>
              <Link href={`/contacts/${contact.id}`} aria-current={contact.id === openId ? 'page' : undefined}>
                <Face contact={contact} />
                <span className={styles['who']}>
                  <b>{titleOf(contact)}</b>
                  <small>{subtitleOf(contact)}</small>
                </span>
              </Link>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
