/**
 * One email of a list.
 *
 * Invariants: the row has one name that says all of it, for those who hear the list; what is in it can be reached by
 * pointing, and by the keys of the list, so nothing in it is a stop of the Tab key.
 */
import type { DragEvent, MouseEvent, ReactNode } from 'react';
import { Link } from 'wouter';
import { classes } from '#ui/classes.ts';
import { Icon } from '#ui/Icon.tsx';
import { useLanguage, useWords } from '#ui/words.ts';
import { longDate, shortDate } from './dates.ts';
import { initialOf, nameOf, peopleOf, toneOf } from './people.ts';
import { type RowEmail, useRow } from './rows.ts';
import { words } from './words.ts';
import styles from './Row.module.css';

const TONES = 6;

export type RowParts = {
  readonly id: string;
  readonly index: number;
  readonly top: number;
  readonly height: number;
  readonly href: string;
  readonly isOpen: boolean;
  readonly isStop: boolean;
  readonly isChosen: boolean;
  readonly isOutgoing: boolean;
  readonly isCompact: boolean;
  readonly hasPreview: boolean;
  readonly threadCount: number | undefined;
  /** In which mailbox it is, where the list is of several. */
  readonly place: string | undefined;
  readonly snippet: { readonly subject: ReactNode; readonly preview: ReactNode } | undefined;
  readonly onChoose: (range: boolean) => void;
  readonly onFlag: (on: boolean) => void;
  readonly onFocus: () => void;
  readonly onDragStart: (event: DragEvent) => void;
};

export function Row(parts: RowParts) {
  const email = useRow(parts.id);
  return email === undefined ? <Waiting index={parts.index} top={parts.top} height={parts.height} /> : <Known {...parts} email={email} />;
}

/** A row that is not read yet. */
export function Waiting({ index, top, height }: Pick<RowParts, 'index' | 'top' | 'height'>) {
  const w = useWords(words);
  return (
    <div className={classes(styles['row'], styles['waiting'])} role="row" aria-rowindex={index + 1} aria-busy="true" style={{ top, height }}>
      <span className={styles['avatar']} role="gridcell">
        <span className="unseen">{w.reading}</span>
      </span>
      <span className={styles['bars']} role="gridcell">
        <i />
        <i />
        <i />
      </span>
    </div>
  );
}

function Known({ email, id, index, top, height, href, isOpen, isStop, isChosen, isOutgoing, isCompact, hasPreview, threadCount = 1, place, snippet, onChoose, onFlag, onFocus, onDragStart }: RowParts & { readonly email: RowEmail }) {
  const w = useWords(words);
  const language = useLanguage();
  const people = peopleOf(email, isOutgoing);
  const names = people.length === 0 ? w.nobody : people.map(nameOf).join(', ');
  const who = isOutgoing ? w.to(names) : names;
  const subject = email.subject === null || email.subject.trim() === '' ? w.noSubject : email.subject;
  const at = new Date(email.receivedAt);
  const moment = longDate(at, language);
  const isUnread = email.keywords['$seen'] !== true;
  const isFlagged = email.keywords['$flagged'] === true;
  const isDraft = email.keywords['$draft'] === true;
  const states = [isUnread && w.unread, isFlagged && w.flagged, isDraft && w.draft, email.keywords['$answered'] === true && w.answered, threadCount > 1 && w.thread(threadCount), email.hasAttachment && w.attached].filter((state) => state !== false);
  const name = [...states, who, subject, moment, place].filter((part) => part !== undefined).join(', ');
  return (
    <div
      className={styles['row']}
      role="row"
      aria-rowindex={index + 1}
      aria-selected={isChosen}
      aria-current={isOpen || undefined}
      aria-label={name}
      tabIndex={isStop ? 0 : -1}
      data-id={id}
      data-unread={isUnread || undefined}
      data-compact={isCompact || undefined}
      data-plain={(!hasPreview && !isCompact) || undefined}
      data-placed={place !== undefined || undefined}
      style={{ top, height }}
      draggable
      onDragStart={onDragStart}
      onFocus={(event) => event.target === event.currentTarget && onFocus()}
    >
      <span role="gridcell">
        <label className={styles['avatar']} data-tone={toneOf(people[0]?.email ?? '', TONES)} title={w.choose(who)}>
        <input
          type="checkbox"
          tabIndex={-1}
          checked={isChosen}
          aria-label={w.choose(who)}
          onChange={() => {}}
          onClick={(event: MouseEvent) => onChoose(event.shiftKey)}
        />
        <span aria-hidden="true" className={styles['initial']}>{initialOf(nameOf(people[0] ?? { name: null, email: '' }))}</span>
        <span aria-hidden="true" className={styles['tick']}>
          <Icon name="check" size={18} />
        </span>
        </label>
      </span>
      <span role="gridcell" className={styles['cell']}>
        <Link
          className={styles['link']}
          href={href}
          tabIndex={-1}
          draggable={false}
          onClick={(event) => {
            if (!event.shiftKey && !event.ctrlKey && !event.metaKey) return;
            event.preventDefault();
            onChoose(event.shiftKey);
          }}
        >
          <span className={styles['who']}>
            {isDraft && <em>{w.draft}</em>}
            {who}
          </span>
          <span className={styles['subject']}>
            {email.keywords['$answered'] === true && <Icon name="reply" size={14} />}
            <span>{snippet?.subject ?? subject}</span>
            {threadCount > 1 && <b className={styles['count']}>{threadCount}</b>}
          </span>
          {hasPreview && <span className={styles['preview']}>{snippet?.preview ?? email.preview}</span>}
        </Link>
      </span>
      <span role="gridcell" className={styles['end']}>
        <time dateTime={email.receivedAt} title={moment}>
          {shortDate(at, new Date(), language)}
        </time>
        <span className={styles['marks']}>
          {place !== undefined && <span className={styles['place']}>{place}</span>}
          {email.hasAttachment && <Icon name="attach" size={15} />}
          <button type="button" tabIndex={-1} className={styles['star']} aria-pressed={isFlagged} aria-label={isFlagged ? w.unflag : w.flag} title={isFlagged ? w.unflag : w.flag} onClick={() => onFlag(!isFlagged)}>
            <Icon name="star" size={17} />
          </button>
        </span>
      </span>
    </div>
  );
}
