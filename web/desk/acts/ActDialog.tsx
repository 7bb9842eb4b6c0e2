/** One act on one account: what it does, why it is done, and, where it can be, the way back. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { Field } from '#ui/Field.tsx';
import { Select } from '#ui/Select.tsx';
import { sentenceOf } from '#ui/staff/ask.ts';
import { useSending } from '#ui/staff/sending.ts';
import { TextArea } from '#ui/TextArea.tsx';
import { showToast } from '#ui/toasts.ts';
import { useWords } from '#ui/words.ts';
import { type ActAnswer, DESK_ACTS, type DeskActName, undoBody } from '#desk/acts/api.ts';
import type { Screen } from '#desk/screen/api.ts';
import { useOpenIncidents } from '../incidents/queries.ts';
import { screenKey } from '../screen/use-screen.ts';
import { perform, takeBack, tellDone } from './perform.ts';
import { DeviceSettings } from './DeviceSettings.tsx';
import { isShownOnce, Shown } from './Shown.tsx';
import { ACT_WORDS, REASONS, words } from './words.ts';
import styles from './ActDialog.module.css';

export function ActDialog({ name, accountId, screen, onClose }: { readonly name: DeskActName; readonly accountId: number; readonly screen: Screen; readonly onClose: () => void }) {
  if (name === 'device-settings') return <DeviceSettings accountId={accountId} guess={screen.evidence.signIns[0]?.deviceGuess ?? ''} onClose={onClose} />;
  return <Asking name={name} accountId={accountId} onClose={onClose} />;
}

function Asking({ name, accountId, onClose }: { readonly name: DeskActName; readonly accountId: number; readonly onClose: () => void }) {
  const w = useWords(words);
  const queries = useQueryClient();
  const [why, setWhy] = useState('');
  const [label, setLabel] = useState<string>(w.labelStart);
  const [incident, setIncident] = useState('');
  const { isBusy, fault, setFault, send } = useSending((error) => sentenceOf(error, w.failed));
  const [answer, setAnswer] = useState<ActAnswer>();
  const { second } = DESK_ACTS.find((each) => each.name === name)!;
  const needsIncident = name === 'attach-incident';
  const { data: open = [] } = useOpenIncidents(needsIncident);
  const chosen = incident === '' ? (open[0]?.id ?? '') : incident;

  const refresh = (): Promise<unknown> => Promise.all([queries.invalidateQueries({ queryKey: screenKey(accountId) }), queries.invalidateQueries({ queryKey: ['acts'] })]);
  async function undo(id: number): Promise<void> {
    onClose();
    try {
      await takeBack(id, w.undoWhy);
      showToast({ text: w.undone });
    } catch (error) {
      showToast({ text: sentenceOf(error, w.failed), kind: 'bad' });
    }
    await refresh();
  }
  async function run(): Promise<void> {
    if (!undoBody.safeParse({ why }).success) return setFault(w.whyShort);
    await send(async () => {
      const done = await perform(accountId, name, { why: why.trim(), ...(name === 'app-password' ? { label: label.trim() } : {}), ...(needsIncident ? { incident: chosen } : {}) });
      await refresh();
      if (isShownOnce(done.shown)) return setAnswer(done);
      onClose();
      tellDone(name, done, refresh);
    });
  }

  if (answer !== undefined && isShownOnce(answer.shown)) return <Shown title={ACT_WORDS[name].done} shown={answer.shown} onUndo={() => void undo(answer.id)} onClose={onClose} />;
  const isImpossible = needsIncident && open.length === 0;
  return (
    <Dialog
      title={ACT_WORDS[name].name}
      onClose={onClose}
      acts={
        <>
          <Button kind="quiet" onClick={onClose}>{w.cancel}</Button>
          <Button kind={name === 'roll-back' ? 'danger' : 'main'} type="submit" form="act" busy={isBusy} disabled={isImpossible}>{ACT_WORDS[name].name}</Button>
        </>
      }
    >
      <form
        id="act"
        className={styles['form']}
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <p>{ACT_WORDS[name].does}{second && <> <b>{w.second}.</b></>}</p>
        {name === 'app-password' && <Field label={w.label} value={label} maxLength={64} required onChange={(event) => setLabel(event.target.value)} />}
        {needsIncident && (isImpossible ? <p className={styles['none']}>{w.incidentNone}</p> : <Select label={w.incident} value={chosen} options={open.map(({ id, title }) => [id, title] as const)} onChange={setIncident} />)}
        <TextArea
          label={w.why}
          hint={w.whyHint}
          fault={fault}
          value={why}
          autoFocus
          rows={2}
          maxLength={500}
          onChange={(event) => setWhy(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            event.currentTarget.form?.requestSubmit();
          }}
        />
        <div className={styles['reasons']} role="group" aria-label={w.often}>
          {REASONS[name].map((reason) => <button key={reason} type="button" onClick={() => setWhy(reason)}>{reason}</button>)}
        </div>
      </form>
    </Dialog>
  );
}
