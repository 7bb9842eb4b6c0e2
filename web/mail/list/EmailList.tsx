/**
 * A list of emails of any length, of which only the rows on the screen are there.
 *
 * Invariants: one stop of the Tab key; arrows, j and k go on from there. A row that has the focus keeps it by its email, not
 * by its place, while others come and go. When the open email leaves the list the next one takes its place.
 */
import { useQuery } from '@tanstack/react-query';
import { type DragEvent, type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useLocation } from 'wouter';
import { useWords } from '#ui/words.ts';
import { useActions } from '../actions/use-actions.ts';
import type { Targets } from '../actions/targets.ts';
import { keys } from '../api/keys.ts';
import { useMailboxes } from '../api/mailboxes.ts';
import { EMAILS } from '../mailboxes/dragged.ts';
import { useMailboxName } from '../mailboxes/names.ts';
import type { Filter } from '../search/filter.ts';
import { Marked } from '../search/Marked.tsx';
import { useSnippets } from '../search/snippets.ts';
import { useFixedRows } from './fixed-rows.ts';
import { useLook } from './look.ts';
import { useListPreferences } from './preferences.ts';
import { usePreviews } from './previews.ts';
import { type Place, placeAt } from './rest.ts';
import { Row, Waiting } from './Row.tsx';
import { getRow } from './rows.ts';
import { countOf, isChosen, NOTHING, type Selection, withoutGone } from './selection.ts';
import type { Source } from './source.ts';
import { isSmall, useThreadCounts } from './thread-counts.ts';
import { Toolbar } from './Toolbar.tsx';
import { useListKeys } from './use-list-keys.tsx';
import { useListSwipe } from './use-list-swipe.tsx';
import { words } from './words.ts';
import styles from './EmailList.module.css';

/** Rows beside the screen that are there already. */
const OVERSCAN = 8;
/** After an answer that did not come. */
const AGAIN_MS = 3_000;

export function EmailList({ source, title, total, hrefOf, listHref, selectedId, isOutgoing, marks, empty, above }: {
  readonly source: Source;
  readonly title: string;
  /** Messages that there are, where the list counts conversations. */
  readonly total: number | undefined;
  readonly hrefOf: (id: string) => string;
  /** Where the list is without an open email. */
  readonly listHref: string;
  readonly selectedId: string | undefined;
  readonly isOutgoing: boolean;
  /** Words of this are marked. */
  readonly marks?: Filter | undefined;
  readonly empty: ReactNode;
  readonly above?: ReactNode;
}) {
  const w = useWords(words);
  const actions = useActions();
  const [, go] = useLocation();
  const { isCompact, hasPreview, rowRem } = useLook();
  const { conversations } = useListPreferences();
  const nameOfBox = useMailboxName();
  const { data: boxes = [] } = useMailboxes();
  const { question } = source;
  const { ids } = useSyncExternalStore(source.subscribe, source.get);
  const [selection, setSelection] = useState<Selection>(NOTHING);
  const [focusedId, setFocusedId] = useState<string>();
  const scroll = useRef<HTMLDivElement>(null);
  const height = Math.round(rowRem * Number.parseFloat(getComputedStyle(document.documentElement).fontSize));
  const rows = useFixedRows(scroll, ids.length, height, OVERSCAN);

  // The first reading, and each one after news: tried again by itself while the server is away.
  const current = useQuery({
    queryKey: keys.list(question.filter, question.sort, question.collapseThreads),
    // What was read may have been put away since.
    ...(source.isRead() ? {} : { staleTime: 0 }),
    queryFn: async ({ signal }) => {
      await source.refresh(signal);
      return Date.now();
    },
  });

  const { first, last } = rows;
  const there = ids.slice(first, last + 1);
  const hasGap = there.includes(undefined);
  const place = useRef<Place>(undefined);
  useEffect(() => {
    const now = performance.now();
    place.current = placeAt(place.current, first, last, now);
    if (!source.isRead()) return;
    let timer = setTimeout(look, Math.max(0, place.current.until - now));
    function look(): void {
      source.look(first, last).catch(() => {
        timer = setTimeout(look, AGAIN_MS);
      });
    }
    return () => clearTimeout(timer);
  }, [source, first, last, hasGap, ids]);

  useEffect(() => source.onShift((down) => scroll.current?.scrollBy({ top: down * height, behavior: 'instant' })), [source, height]);

  // What left the list is not chosen any more; after the open email comes the next.
  const before = useRef(ids);
  useEffect(() => {
    const was = before.current;
    before.current = ids;
    // What is not known of a long list may be what is missed; and to look through it would take as long as to show it.
    if (was === ids || ids.includes(undefined)) return;
    const now = new Set(ids);
    const gone = new Set(was.filter((id): id is string => id !== undefined && !now.has(id)));
    if (gone.size === 0) return;
    setSelection((chosen) => withoutGone(chosen, gone));
    const next = (id: string | undefined): string | undefined => (id !== undefined && gone.has(id) ? was.slice(was.indexOf(id)).find((one) => one !== undefined && now.has(one)) ?? ids.at(-1) : id);
    setFocusedId(next);
    if (selectedId === undefined || !gone.has(selectedId)) return;
    const follower = next(selectedId);
    const isOnePane = window.matchMedia('(max-width: 40rem)').matches;
    go(follower === undefined || isOnePane ? listHref : hrefOf(follower), { replace: true });
  }, [ids, selectedId, listHref, hrefOf, go]);

  const threadsIn = question.collapseThreads ? question.mailboxId : undefined;
  const shown = there.flatMap((id) => (id === undefined ? [] : (getRow(id) ?? [])));
  usePreviews(shown, hasPreview);
  const counts = useThreadCounts(shown, question.collapseThreads && isSmall(boxes));
  const snippets = useSnippets(marks, shown.map(({ id }) => id));
  const chosen = countOf(selection, ids.length);
  const focused = focusedId ?? selectedId;
  const stop = focused !== undefined && there.includes(focused) ? focused : there.find((id) => id !== undefined);

  const targetsOf = (id: string | undefined): Targets | undefined => {
    if (selection.all && chosen > 0) return { all: question, except: [...selection.ids], estimate: question.collapseThreads ? (total ?? ids.length) : chosen };
    if (chosen > 0) return { ids: [...selection.ids], threadsIn };
    return id === undefined ? undefined : { ids: [id], threadsIn };
  };
  const dialogs = useListKeys({ ids, selection, setSelection, focused: stop, selectedId, setFocusedId, targetsOf, rows, scroll, hrefOf, listHref, mailboxId: question.mailboxId });

  const swipe = useListSwipe({ role: boxes.find(({ id }) => id === question.mailboxId)?.role, threadsIn, deleteForever: dialogs.deleteForever });

  const onDragStart = (event: DragEvent, id: string): void => {
    const dragged = isChosen(selection, id) && !selection.all ? [...selection.ids] : [id];
    event.dataTransfer.setData(EMAILS, JSON.stringify({ ids: dragged, threadsIn: threadsIn ?? null }));
    event.dataTransfer.effectAllowed = 'move';
    const label = document.createElement('div');
    label.className = styles['dragged'] ?? '';
    label.textContent = w.drag(dragged.length);
    document.body.append(label);
    event.dataTransfer.setDragImage(label, -8, -8);
    setTimeout(() => label.remove());
  };
  const boxOf = (id: string): string | undefined => {
    const email = question.mailboxId === undefined ? getRow(id) : undefined;
    const box = email === undefined ? undefined : boxes.find((one) => email.mailboxIds[one.id] === true);
    return box === undefined ? undefined : nameOfBox(box);
  };
  const isEmpty = source.isRead() && ids.length === 0;

  return (
    <div className={styles['pane']}>
      <Toolbar source={source} title={title} total={total ?? ids.length} selection={selection} setSelection={setSelection} targetsOf={() => targetsOf(undefined)} onMove={dialogs.move} onDeleteForever={dialogs.deleteForever} isReading={current.isFetching} />
      {above}
      {current.isError && <p className={styles['fault']} role="alert">{w.failed}</p>}
      <div ref={scroll} className={styles['scroll']} data-scroll="list">
        {isEmpty ? (
          empty
        ) : (
          <div className={styles['rows']} role="grid" aria-label={w.listOf(title)} aria-rowcount={ids.length} aria-multiselectable="true" aria-busy={!source.isRead()} style={{ blockSize: ids.length * height }} onKeyDown={dialogs.onKeyDown} {...swipe.handlers}>
            {swipe.behind((id) => ids.indexOf(id) * height, height)}
            {there.map((id, n) => {
              const index = first + n;
              const top = index * height;
              if (id === undefined) return <Waiting key={`at ${index}`} index={index} top={top} height={height} />;
              const snippet = snippets.get(id);
              return (
                <Row
                  key={id}
                  id={id}
                  index={index}
                  top={top}
                  height={height}
                  href={hrefOf(id)}
                  isOpen={id === selectedId}
                  isStop={id === stop}
                  isChosen={isChosen(selection, id)}
                  isOutgoing={isOutgoing}
                  isCompact={isCompact}
                  hasPreview={hasPreview}
                  threadCount={conversations ? counts.get(id) : undefined}
                  place={boxOf(id)}
                  snippet={snippet === undefined ? undefined : { subject: snippet.subject === null ? undefined : <Marked snippet={snippet.subject} />, preview: snippet.preview === null ? undefined : <Marked snippet={snippet.preview} /> }}
                  onChoose={(range) => dialogs.choose(id, range)}
                  onFlag={(on) => void actions.flag({ ids: [id] }, on)}
                  onFocus={() => setFocusedId(id)}
                  onDragStart={(event) => onDragStart(event, id)}
                />
              );
            })}
          </div>
        )}
      </div>
      {dialogs.open}
    </div>
  );
}
