/** One rule, to be changed or made. */
import { useEffect, useState } from 'react';
import type { Able } from '#webmail/filters/api.ts';
import { Button, IconButton } from '#ui/Button.tsx';
import { Choice } from '#ui/Choice.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { Field } from '#ui/Field.tsx';
import { useWords } from '#ui/words.ts';
import form from '../Form.module.css';
import { ActionLine } from './ActionLine.tsx';
import { ConditionLine } from './ConditionLine.tsx';
import { type Action, type Condition, isWhole, type Rule } from './filters.ts';
import styles from './RuleForm.module.css';
import { words } from './words.ts';

/** @param onSave resolves to what went wrong */
export function RuleForm({ rule, able, onClose, onSave }: { readonly rule: Rule; readonly able: Able; readonly onClose: () => void; readonly onSave: (rule: Rule) => Promise<string | undefined> }) {
  const w = useWords(words);
  const [name, setName] = useState(rule.name);
  const [match, setMatch] = useState(rule.match);
  const [conditions, setConditions] = useState<readonly Condition[]>(rule.conditions);
  const [actions, setActions] = useState<readonly Action[]>(rule.actions);
  const [fault, setFault] = useState<string>();
  const [isBusy, setBusy] = useState(false);

  useEffect(() => setFault(undefined), [conditions, actions]);

  async function save(): Promise<void> {
    const next: Rule = { ...rule, name: name.trim(), match, conditions: [...conditions], actions: [...actions] };
    if (!isWhole(next)) return setFault(w.incomplete);
    setBusy(true);
    setFault(await onSave(next));
    setBusy(false);
  }

  return (
    <Dialog
      title={rule.name === '' ? w.add : rule.name}
      wide
      onClose={onClose}
      acts={
        <>
          <Button kind="quiet" onClick={onClose}>{w.cancel}</Button>
          <Button kind="main" busy={isBusy} onClick={() => void save()}>{w.save}</Button>
        </>
      }
    >
      <div className={form['stack']}>
        <Field label={w.ruleName} value={name} maxLength={100} onChange={(event) => setName(event.target.value)} />
        <fieldset className={styles['lines']}>
          <legend>{w.conditions}</legend>
          {conditions.length === 0 && <p className={form['quiet']}>{w.everyMail}</p>}
          {conditions.length > 1 && <Choice label={w.match} value={match} options={[{ value: 'all', text: w.ifAll }, { value: 'any', text: w.ifAny }]} onChange={setMatch} />}
          {conditions.map((condition, at) => (
            // oxlint-disable-next-line react/no-array-index-key
            <div key={at} className={styles['line']}>
              <ConditionLine condition={condition} onChange={(next) => setConditions(conditions.with(at, next))} />
              <IconButton icon="close" label={w.take} onClick={() => setConditions(conditions.toSpliced(at, 1))} />
            </div>
          ))}
          <div>
            <Button kind="quiet" icon="plus" onClick={() => setConditions([...conditions, { field: 'from', test: 'contains', value: '' }])}>{w.addCondition}</Button>
          </div>
        </fieldset>
        <fieldset className={styles['lines']}>
          <legend>{w.actions}</legend>
          {actions.map((action, at) => (
            // oxlint-disable-next-line react/no-array-index-key
            <div key={at} className={styles['line']}>
              <ActionLine action={action} able={able} onChange={(next) => setActions(actions.with(at, next))} />
              <IconButton icon="close" label={w.take} onClick={() => setActions(actions.toSpliced(at, 1))} />
            </div>
          ))}
          <div>
            <Button kind="quiet" icon="plus" onClick={() => setActions([...actions, { kind: 'stop' }])}>{w.addAction}</Button>
          </div>
        </fieldset>
        {fault !== undefined && <p className={`${form['note']} ${form['bad']}`} role="alert">{fault}</p>}
      </div>
    </Dialog>
  );
}
