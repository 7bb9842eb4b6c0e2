/** What the keyboard does with a list, and the questions that it asks before. */
import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { useWords } from '#ui/words.ts';
import { Confirm } from '../actions/Confirm.tsx';
import { MoveDialog } from '../actions/MoveDialog.tsx';
import { isAll, type Targets } from '../actions/targets.ts';
import { useActions } from '../actions/use-actions.ts';
import { words as actionWords } from '../actions/words.ts';
import { useMailboxes } from '../api/mailboxes.ts';
import { useCommand } from '../shortcuts/registry.ts';
import type { FixedRows } from './fixed-rows.ts';
import { getRow } from './rows.ts';
import { extended, knownRows, NOTHING, type Selection, toggled } from './selection.ts';

type Given = {
  readonly ids: readonly (string | undefined)[];
  readonly selection: Selection;
  readonly setSelection: (selection: Selection) => void;
  readonly focused: string | undefined;
  readonly selectedId: string | undefined;
  readonly setFocusedId: (id: string) => void;
  /** What an action is for: what is chosen, else the email of this id. */
  readonly targetsOf: (id: string | undefined) => Targets | undefined;
  readonly rows: FixedRows;
  readonly scroll: RefObject<HTMLDivElement | null>;
  readonly hrefOf: (id: string) => string;
  readonly listHref: string;
  readonly mailboxId: string | undefined;
};

type Asking = { readonly kind: 'move' | 'deleteForever'; readonly targets: Targets };

export function useListKeys({ ids, selection, setSelection, focused, selectedId, setFocusedId, targetsOf, rows, scroll, hrefOf, listHref, mailboxId }: Given): {
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly choose: (id: string, range: boolean) => void;
  readonly move: (targets: Targets) => void;
  readonly deleteForever: (targets: Targets) => void;
  readonly open: ReactNode;
} {
  const actions = useActions();
  const w = useWords(actionWords);
  const [, navigate] = useLocation();
  const { data: boxes = [] } = useMailboxes();
  const [asking, setAsking] = useState<Asking>();
  const role = boxes.find(({ id }) => id === mailboxId)?.role;
  // Of an open email all keys speak, unless another row was gone to.
  const at = ids.indexOf(focused);

  const wantsFocus = useRef(false);
  useEffect(() => {
    if (!wantsFocus.current || focused === undefined) return;
    const row = scroll.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(focused)}"]`);
    if (row === null || row === undefined) return;
    wantsFocus.current = false;
    row.focus({ preventScroll: true });
  });

  /** @param follows whether an email that is open gives way to this one */
  function go(to: number, { range = false, follows = false } = {}): void {
    const index = Math.min(Math.max(0, to), ids.length - 1);
    const id = ids[index];
    rows.show(index);
    if (id === undefined) return;
    wantsFocus.current = true;
    setFocusedId(id);
    if (range) setSelection(extended(selection.anchor === undefined && focused !== undefined ? { ...selection, anchor: focused } : selection, id, ids));
    else if (follows && selectedId !== undefined && selectedId !== id) navigate(hrefOf(id), { replace: true });
  }

  const choose = (id: string, range: boolean): void => setSelection(range ? extended(selection, id, ids) : toggled(selection, id));
  

  function onKeyDown(event: KeyboardEvent): void {
    if (!(event.target instanceof HTMLElement) || event.target.role !== 'row') return;
    const isAlone = !event.ctrlKey && !event.metaKey && !event.altKey;
    const page = Math.max(1, rows.perScreen() - 1);
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -ids.length, End: ids.length }[event.key];
    if (by !== undefined && isAlone) go(at + by, { range: event.shiftKey });
    else if (event.key === 'Enter' && isAlone && focused !== undefined) navigate(hrefOf(focused));
    else if (event.key === ' ' && isAlone && focused !== undefined) choose(focused, event.shiftKey);
    else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) setSelection(knownRows(ids));
    else if (event.key === 'Escape' && isAlone) setSelection(NOTHING);
    else return;
    event.preventDefault();
  }

  const on = selectedId ?? focused;
  const targets = (): Targets | undefined => targetsOf(selectedId !== undefined && focused === selectedId ? selectedId : (focused ?? selectedId));
  /** Afterwards nothing is chosen: what it was done with is elsewhere. */
  const act = (work: (given: Targets) => unknown): (() => void) | undefined =>
    on === undefined && selection === NOTHING
      ? undefined
      : () => {
          const given = targets();
          if (given === undefined) return;
          setSelection(NOTHING);
          void work(given);
        };
  const emails = (given: Targets): NonNullable<ReturnType<typeof getRow>>[] => (isAll(given) ? [] : given.ids.flatMap((id) => getRow(id) ?? []));
  const remove = (given: Targets): void => {
    if (role === 'trash' || role === 'junk') setAsking({ kind: 'deleteForever', targets: given });
    else void actions.trash(given);
  };

  useCommand('next', () => go(at + 1, { follows: true }));
  useCommand('previous', () => go(at < 0 ? 0 : at - 1, { follows: true }));
  useCommand('open', focused === undefined ? undefined : () => navigate(hrefOf(focused)));
  useCommand('back', selectedId === undefined ? undefined : () => {
    wantsFocus.current = true;
    navigate(listHref);
  });
  useCommand('choose', focused === undefined ? undefined : () => choose(focused, false));
  useCommand('chooseAll', () => setSelection(knownRows(ids)));
  useCommand('chooseNone', () => setSelection(NOTHING));
  useCommand('archive', act((given) => actions.archive(given)));
  useCommand('delete', act(remove));
  useCommand('spam', act((given) => (role === 'junk' ? actions.notSpam(given) : actions.spam(given))));
  useCommand('move', act((given) => setAsking({ kind: 'move', targets: given })));
  useCommand('flag', act((given) => actions.flag(isAll(given) ? given : { ids: given.ids }, !emails(given).every(({ keywords }) => keywords['$flagged'] === true))));
  useCommand('markRead', act((given) => actions.read(given, true)));
  useCommand('markUnread', act((given) => actions.read(isAll(given) ? given : { ids: given.ids }, false)));
  useCommand('undo', () => void actions.undo());

  return {
    onKeyDown,
    choose,
    move: (given) => setAsking({ kind: 'move', targets: given }),
    deleteForever: (given) => setAsking({ kind: 'deleteForever', targets: given }),
    open:
      asking?.kind === 'move' ? (
        <MoveDialog from={mailboxId} onChoose={(box) => void actions.move(asking.targets, box)} onClose={() => setAsking(undefined)} />
      ) : asking?.kind === 'deleteForever' ? (
        <Confirm title={w.confirmTitle} act={w.deleteForever} onYes={() => void actions.deleteForever(asking.targets)} onClose={() => setAsking(undefined)}>
          {w.confirm(isAll(asking.targets) ? asking.targets.estimate : asking.targets.ids.length)}
        </Confirm>
      ) : null,
  };
}
