/**
 * Writes a macro, or another text for one: facts by their buttons, tried on a case while it is written.
 *
 * Invariant: what the server would not keep is told before it is asked.
 */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Button } from '#ui/Button.tsx';
import { Field } from '#ui/Field.tsx';
import { Select } from '#ui/Select.tsx';
import { submitByKeys } from '#ui/keys/submit.ts';
import { ask, sentenceOf, StaffError } from '#ui/staff/ask.ts';
import { useSending } from '#ui/staff/sending.ts';
import { Switch } from '#ui/Switch.tsx';
import { TextArea } from '#ui/TextArea.tsx';
import { showToast } from '#ui/toasts.ts';
import { useWords } from '#ui/words.ts';
import { type Fact, FACTS, type Macro, MOST_MACRO_NAME, MOST_TEXT, PRIORITIES, type Priority, unknownFacts } from '#desk/cases/api.ts';
import { Key } from '../ui/Section.tsx';
import { TryOn } from './TryOn.tsx';
import { FACT_WORDS, words } from './words.ts';
import styles from './Macros.module.css';

/** @param macro undefined: a new one */
export function MacroEditor({ macro, onKept, onClose }: { readonly macro: Macro | undefined; readonly onKept: (id: number) => void; readonly onClose: () => void }) {
  const w = useWords(words);
  const queries = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const [name, setName] = useState(macro?.name ?? '');
  const [text, setText] = useState(macro?.text ?? '');
  const [priority, setPriority] = useState<Priority | ''>(macro?.also.priority ?? '');
  const [closes, setCloses] = useState(macro?.also.close === true);
  const { isBusy, fault, setFault, send } = useSending((error) => (error instanceof StaffError && error.status === 409 ? w.taken : sentenceOf(error, w.failed)));
  const unknown = unknownFacts(text);
  useEffect(() => form.current?.querySelector<HTMLElement>(macro === undefined ? 'input' : 'textarea')?.focus(), [macro]);

  function putIn(fact: Fact): void {
    const area = form.current!.querySelector('textarea')!;
    area.focus();
    area.setRangeText(`{{${fact}}}`, area.selectionStart, area.selectionEnd, 'end');
    setText(area.value);
  }
  async function keep(): Promise<void> {
    if (name.trim() === '' || text.trim() === '') return setFault(w.empty);
    if (unknown.length > 0) return;
    await send(async () => {
      const body = { name: name.trim(), text: text.trim(), also: { ...(closes ? { close: true } : {}), ...(priority === '' ? {} : { priority }) } };
      const { id = macro?.id } = await ask<{ id?: number }>(macro === undefined ? '/api/desk/macros' : `/api/desk/macros/${macro.id}`, body);
      await queries.invalidateQueries({ queryKey: ['macros'] });
      showToast({ text: w.kept(body.name) });
      onKept(id!);
    });
  }
  return (
    <div className={styles['macro']}>
      <form
        ref={form}
        className={styles['form']}
        aria-label={macro === undefined ? w.add : w.change}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void keep();
        }}
        onKeyDown={(event) => {
          submitByKeys(event);
          if (event.key === 'Escape') onClose();
        }}
      >
        <Field label={w.name} hint={w.nameHint} maxLength={MOST_MACRO_NAME} value={name} onChange={(event) => setName(event.target.value)} />
        <TextArea label={w.text} rows={8} maxLength={MOST_TEXT} fault={unknown.length > 0 ? w.unknown(unknown.join(', ')) : undefined} value={text} onChange={(event) => setText(event.target.value)} />
        <fieldset className={styles['facts']}>
          <legend>{w.facts}</legend>
          {FACTS.map((fact) => <button key={fact} type="button" onClick={() => putIn(fact)}>{FACT_WORDS[fact]}</button>)}
        </fieldset>
        <div className={styles['rest']}>
          <Select label={w.priority} value={priority} options={[['', w.leave] as const, ...PRIORITIES.map((each) => [each, each] as const)]} onChange={setPriority} />
          <Switch label={w.closes} hint={w.closesHint} checked={closes} onChange={setCloses} />
        </div>
        {fault !== undefined && <p role="alert" className={styles['fault']}>{fault}</p>}
        <div className={styles['buttons']}>
          <Button kind="main" type="submit" busy={isBusy}>{w.save}<Key>Ctrl Enter</Key></Button>
          <Button kind="quiet" onClick={onClose}>{w.cancel}</Button>
        </div>
      </form>
      <TryOn text={text} />
    </div>
  );
}
