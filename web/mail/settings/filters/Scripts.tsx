/** The scripts themselves, for those who write Sieve. */
import { useState } from 'react';
import { Button, IconButton } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { Field } from '#ui/Field.tsx';
import { TextArea } from '#ui/TextArea.tsx';
import { showToast } from '#ui/toasts.ts';
import { useWords } from '#ui/words.ts';
import styles from '../Form.module.css';
import { readScript, sentenceOf, useChangeScripts, useScripts } from './filters.ts';
import { words } from './words.ts';

export function Scripts() {
  const w = useWords(words);
  const [isOpen, setOpen] = useState(false);
  const { data } = useScripts(isOpen);
  const changes = useChangeScripts();
  const [edited, setEdited] = useState<{ readonly name: string; readonly text: string }>();
  const run = (work: Promise<unknown>): void => void work.catch((error: unknown) => showToast({ kind: 'bad', text: sentenceOf(error) ?? w.notSaved }));
  return (
    <details className={styles['card']} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className={styles['summary']}>{w.scripts}</summary>
      <div className={styles['details']}>
        <p className={styles['quiet']}>{w.scriptsAbout}</p>
        {data === undefined ? (
          <p className={styles['quiet']} role="status">{w.loading}</p>
        ) : (
          <ul className={styles['list']}>
            {data.length === 0 && <li className={styles['quiet']}>{w.noScripts}</li>}
            {data.map(({ name, active }) => (
              <li key={name} className={styles['item']}>
                <div>
                  <b>{name}</b>
                  {active && <small>{w.active}</small>}
                </div>
                <Button kind="quiet" onClick={() => run(changes.activate(active ? null : name))}>{active ? w.deactivate : w.activate}</Button>
                <IconButton icon="code" label={w.edit(name)} onClick={() => run(readScript(name).then((text) => setEdited({ name, text })))} />
                <IconButton icon="trash" label={w.remove(name)} onClick={() => run(changes.remove(name))} />
              </li>
            ))}
          </ul>
        )}
        <div className={styles['row']}>
          <Button icon="plus" onClick={() => setEdited({ name: '', text: '' })}>{w.newScript}</Button>
        </div>
      </div>
      {edited !== undefined && <ScriptForm name={edited.name} text={edited.text} onClose={() => setEdited(undefined)} onSave={changes.write} />}
    </details>
  );
}

function ScriptForm({ name, text, onClose, onSave }: { readonly name: string; readonly text: string; readonly onClose: () => void; readonly onSave: (name: string, text: string) => Promise<void> }) {
  const w = useWords(words);
  const [called, setCalled] = useState(name);
  const [typed, setTyped] = useState(text);
  const [fault, setFault] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  async function save(): Promise<void> {
    setBusy(true);
    setFault(undefined);
    try {
      await onSave(called.trim(), typed);
      onClose();
    } catch (error) {
      setFault(sentenceOf(error) ?? w.notSaved);
      setBusy(false);
    }
  }
  return (
    <Dialog
      title={name === '' ? w.newScript : name}
      wide
      onClose={onClose}
      acts={
        <>
          <Button kind="quiet" onClick={onClose}>{w.cancel}</Button>
          <Button kind="main" busy={isBusy} disabled={called.trim() === ''} onClick={() => void save()}>{w.save}</Button>
        </>
      }
    >
      <div className={styles['stack']}>
        {name === '' && <Field label={w.scriptName} value={called} maxLength={120} onChange={(event) => setCalled(event.target.value)} />}
        <TextArea code label={w.script} rows={16} value={typed} fault={fault} onChange={(event) => setTyped(event.target.value)} />
      </div>
    </Dialog>
  );
}
