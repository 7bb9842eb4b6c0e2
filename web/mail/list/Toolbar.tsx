/** What is above a list: what it is of and how it looks; or, when some are chosen, what can be done with these. */
import { lazy, Suspense, useState } from 'react';
import { Button, IconButton } from '#ui/Button.tsx';
import { Menu, MenuItem, MenuLine } from '#ui/Menu.tsx';
import { showToast } from '#ui/toasts.ts';
import { number, say, useWords } from '#ui/words.ts';
import { saveZip } from '../actions/save-zip.ts';
import { isAll, type Targets } from '../actions/targets.ts';
import { useActions } from '../actions/use-actions.ts';
import { words as actionWords } from '../actions/words.ts';
import { useMailboxes } from '../api/mailboxes.ts';
import { useSavePreferences } from '../settings/preferences.ts';
import { askToNotify } from './notify.ts';
import { useLook } from './look.ts';
import { setListPreferences, useListPreferences } from './preferences.ts';
import { getRow } from './rows.ts';
import { countOf, EVERYTHING, knownRows, NOTHING, type Selection } from './selection.ts';
import type { Source } from './source.ts';
import { words } from './words.ts';
import styles from './Toolbar.module.css';

const ImportDialog = lazy(() => import('../import/ImportDialog.tsx').then(({ ImportDialog: component }) => ({ default: component })));

type Parts = {
  readonly source: Source;
  readonly title: string;
  readonly total: number;
  readonly selection: Selection;
  readonly setSelection: (selection: Selection) => void;
  readonly targetsOf: () => Targets | undefined;
  readonly onMove: (targets: Targets) => void;
  readonly onDeleteForever: (targets: Targets) => void;
  readonly isReading: boolean;
};

export function Toolbar(parts: Parts) {
  const { source, title, total, selection, setSelection } = parts;
  const w = useWords(words);
  const { ids } = source.get();
  const count = countOf(selection, ids.length);
  const isPart = !selection.all && count > 0 && ids.length > count && count >= knownRows(ids).ids.size;
  return (
    <div className={styles['bar']}>
      <div className={styles['line']}>
        <label className={styles['all']} title={count > 0 ? w.chooseNone : w.chooseAll}>
          <input
            type="checkbox"
            aria-label={count > 0 ? w.chooseNone : w.chooseAll}
            checked={count > 0}
            disabled={!source.isRead() || ids.length === 0}
            ref={(box) => {
              if (box !== null) box.indeterminate = count > 0 && count < ids.length;
            }}
            onChange={() => setSelection(count > 0 ? NOTHING : knownRows(ids))}
          />
        </label>
        {count > 0 ? <Chosen {...parts} count={count} /> : <Plain {...parts} />}
      </div>
      {(isPart || selection.all) && (
        <p className={styles['more']} role="status">
          {selection.all ? w.allChosen(count) : w.allShown(count)}
          {isPart && (
            <Button kind="quiet" onClick={() => setSelection(EVERYTHING)}>
              {source.question.mailboxId === undefined ? w.allFound(ids.length) : w.allOf(total, title)}
            </Button>
          )}
        </p>
      )}
    </div>
  );
}

function Plain({ source, title, total, isReading }: Parts) {
  const w = useWords(words);
  const { conversations, notify } = useListPreferences();
  const { isCompact } = useLook();
  const save = useSavePreferences();
  const { data: boxes = [] } = useMailboxes();
  const actions = useActions();
  const [isImporting, setImporting] = useState(false);
  const box = boxes.find(({ id }) => id === source.question.mailboxId);
  const all = { all: { ...source.question, filter: { inMailbox: box?.id, notKeyword: '$seen' }, collapseThreads: false }, except: [], estimate: box?.unreadEmails ?? 0 };
  return (
    <>
      <h1 className={styles['title']}>{title}</h1>
      <span className={styles['count']} aria-label={w.messages(total)} data-reading={isReading || undefined}>
        {source.isRead() && number(total)}
      </span>
      <Menu
        items={
          <>
            {(['comfortable', 'compact'] as const).map((each) => (
              <MenuItem key={each} icon={isCompact === (each === 'compact') ? 'check' : 'list'} onSelect={() => void save({ density: each })}>
                {w[each]}
              </MenuItem>
            ))}
            <MenuItem icon={conversations ? 'check' : 'reply-all'} onSelect={() => setListPreferences({ conversations: !conversations })}>
              {w.conversations}
            </MenuItem>
            <MenuLine />
            {box !== undefined && box.unreadEmails > 0 && (
              <MenuItem icon="mail-open" onSelect={() => void actions.read(all, true)}>
                {w.markRead}
              </MenuItem>
            )}
            <MenuItem icon="bell" onSelect={() => (notify ? setListPreferences({ notify: false }) : void askToNotify().then((may) => may || showToast({ text: say(words).notifyRefused, kind: 'bad' })))}>
              {notify ? w.notifyOff : w.notify}
            </MenuItem>
            {box !== undefined && (
              <MenuItem icon="upload" onSelect={() => setImporting(true)}>
                {w.import}
              </MenuItem>
            )}
          </>
        }
      >
        <IconButton icon="more" label={w.options} />
      </Menu>
      {isImporting && box !== undefined && (
        <Suspense>
          <ImportDialog mailbox={box} onClose={() => setImporting(false)} />
        </Suspense>
      )}
    </>
  );
}

function Chosen({ source, title, count, selection, setSelection, targetsOf, onMove, onDeleteForever }: Parts & { readonly count: number }) {
  const w = useWords(words);
  const a = useWords(actionWords);
  const actions = useActions();
  const { data: boxes = [] } = useMailboxes();
  const role = boxes.find(({ id }) => id === source.question.mailboxId)?.role;
  const isEvery = (keyword: string): boolean => !selection.all && [...selection.ids].every((id) => getRow(id)?.keywords[keyword] === true);
  const act = (work: (targets: Targets) => unknown, keeps = false): (() => void) => () => {
    const targets = targetsOf();
    if (targets === undefined) return;
    if (!keeps) setSelection(NOTHING);
    void work(targets);
  };
  const isRead = isEvery('$seen');
  const isFlagged = isEvery('$flagged');
  return (
    <>
      <h1 className="unseen">{title}</h1>
      <b className={styles['chosen']} role="status">{w.chosen(count)}</b>
      <span className={styles['acts']}>
        {role !== 'archive' && <IconButton icon="archive" label={a.archive} onClick={act((targets) => actions.archive(targets))} />}
        {role === 'trash' || role === 'junk' ? <IconButton icon="trash" label={a.deleteForever} onClick={act(onDeleteForever)} /> : <IconButton icon="trash" label={a.delete} onClick={act((targets) => actions.trash(targets))} />}
        <IconButton icon="folder" label={a.move} onClick={act(onMove)} />
        <IconButton icon={isRead ? 'mail' : 'mail-open'} label={isRead ? a.markUnread : a.markRead} onClick={act((targets) => actions.read(targets, !isRead), true)} />
        <Menu
          items={
            <>
              <MenuItem icon="junk" onSelect={act((targets) => (role === 'junk' ? actions.notSpam(targets) : actions.spam(targets)))} keys="!">
                {role === 'junk' ? a.notSpam : a.spam}
              </MenuItem>
              <MenuItem icon="star" onSelect={act((targets) => actions.flag(isAll(targets) ? targets : { ids: targets.ids }, !isFlagged), true)} keys="s">
                {isFlagged ? a.unflag : a.flag}
              </MenuItem>
              <MenuItem icon="download" onSelect={act(saveZip, true)}>
                {a.downloadZip}
              </MenuItem>
            </>
          }
        >
          <IconButton icon="more" label={a.more} />
        </Menu>
      </span>
    </>
  );
}
