/** Writes in a case: a note, an answer, what was said on the telephone, or a macro's whole answer, shown before it is sent. */
import { useEffect, useRef, useState } from 'react';
import { Button } from '#ui/Button.tsx';
import { Choice } from '#ui/Choice.tsx';
import { Menu, MenuItem } from '#ui/Menu.tsx';
import { submitByKeys } from '#ui/keys/submit.ts';
import { StaffError, sentenceOf } from '#ui/staff/ask.ts';
import { useSending } from '#ui/staff/sending.ts';
import { TextArea } from '#ui/TextArea.tsx';
import { useWords } from '#ui/words.ts';
import { type Macro, MOST_TEXT } from '#desk/cases/api.ts';
import { useCommand } from '../shell/keymap.ts';
import { Key } from '../ui/Section.tsx';
import { MacroDialog } from './MacroDialog.tsx';
import { useCaseAct, useMacros } from './queries.ts';
import { SEND, words } from './words.ts';
import styles from './CasePage.module.css';

type Kind = keyof typeof SEND;
const KINDS: readonly Kind[] = ['note', 'answer', 'call'];

/** @param seen the last entry that is shown; 0: there is none */
export function Writing({ caseId, seen, onWriting }: { readonly caseId: number; readonly seen: number; readonly onWriting: (writing: boolean) => void }) {
  const w = useWords(words);
  const act = useCaseAct(caseId);
  const [kind, setKind] = useState<Kind>('note');
  const [text, setText] = useState('');
  // The same until it was taken: what got no answer may be sent again.
  const [key, setKey] = useState(() => crypto.randomUUID());
  const { isBusy, fault, send: sendOnce } = useSending((error) => {
    if (!(error instanceof StaffError && error.status === 409)) return sentenceOf(error, w.failed);
    // What was refused was read since: the next try is another one.
    setKey(crypto.randomUUID());
    return w.conflict;
  });
  const { data: macros = [], refetch } = useMacros();
  const [isMacrosOpen, setMacrosOpen] = useState(false);
  const [macro, setMacro] = useState<Macro>();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => onWriting(text !== ''), [text === '', onWriting]);
  // One that was written a moment ago is there, too.
  const openMacros = (isOpen: boolean): void => {
    setMacrosOpen(isOpen);
    if (isOpen) void refetch();
  };
  useCommand('macro', () => openMacros(true));
  useCommand('write', () => form.current?.querySelector('textarea')?.focus());

  async function run(work: () => Promise<void>): Promise<boolean> {
    const isDone = await sendOnce(work);
    if (isDone) setKey(crypto.randomUUID());
    return isDone;
  }
  async function send(): Promise<void> {
    if (text.trim() === '') return;
    if (await run(() => act('entries', { key, kind, text: text.trim(), seen }))) setText('');
  }
  return (
    <form
      ref={form}
      className={styles['writing']}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <Choice label={w.kind} value={kind} options={KINDS.map((each) => ({ value: each, text: w[each] }))} onChange={setKind} />
      <TextArea
        label={w.text}
        hint={kind === 'answer' ? w.answerHint : w.noteHint}
        fault={fault}
        value={text}
        rows={3}
        maxLength={MOST_TEXT}
        aria-keyshortcuts="w"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          submitByKeys(event);
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
      <div className={styles['buttons']}>
        <Button kind="main" type="submit" busy={isBusy} disabled={text.trim() === ''}>{SEND[kind]}<Key>Ctrl Enter</Key></Button>
        <Menu open={isMacrosOpen} onOpenChange={openMacros} items={macros.length === 0 ? <MenuItem disabled onSelect={() => {}}>{w.noMacros}</MenuItem> : macros.map((each) => <MenuItem key={each.id} hint={each.text.slice(0, 70)} onSelect={() => setMacro(each)}>{each.name}</MenuItem>)} align="start">
          <Button kind="quiet" icon="list" aria-keyshortcuts="q">{w.macros}<Key>q</Key></Button>
        </Menu>
      </div>
      {macro !== undefined && <MacroDialog caseId={caseId} macro={macro} seen={seen} onClose={() => setMacro(undefined)} />}
    </form>
  );
}
