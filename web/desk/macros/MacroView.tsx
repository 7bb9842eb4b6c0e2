/** One macro as it is kept: its text, what else it does, and how a customer would get it. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '#ui/Button.tsx';
import { ask, sentenceOf } from '#ui/staff/ask.ts';
import { showToast } from '#ui/toasts.ts';
import { useWords } from '#ui/words.ts';
import type { Macro } from '#desk/cases/api.ts';
import { useCommand } from '../shell/keymap.ts';
import { Chip, Key } from '../ui/Section.tsx';
import { MacroEditor } from './MacroEditor.tsx';
import { partsOf } from './parts.ts';
import { TryOn } from './TryOn.tsx';
import { FACT_WORDS, words } from './words.ts';
import styles from './Macros.module.css';

export function MacroView({ macro, mayWrite, onGone }: { readonly macro: Macro; readonly mayWrite: boolean; readonly onGone: () => void }) {
  const w = useWords(words);
  const queries = useQueryClient();
  const [isChanging, setChanging] = useState(false);
  const { id, name, text, also } = macro;
  const change = (): void => setChanging(true);
  const anew = (): Promise<void> => queries.invalidateQueries({ queryKey: ['macros'] });
  const fail = (error: unknown): void => void showToast({ text: sentenceOf(error, w.failed), kind: 'bad' });
  async function remove(): Promise<void> {
    await ask(`/api/desk/macros/${id}/drop`, {});
    onGone();
    await anew();
    showToast({ text: w.removed(name), act: { label: w.undo, run: () => void ask('/api/desk/macros', { name, text, also }).then(anew).catch(fail) } });
  }
  const canWrite = mayWrite && !isChanging;
  useCommand('write', canWrite ? change : undefined);
  useCommand('remove', canWrite ? () => void remove().catch(fail) : undefined);
  if (isChanging) return <MacroEditor macro={macro} onKept={() => setChanging(false)} onClose={() => setChanging(false)} />;
  return (
    <article className={styles['macro']} aria-labelledby="macro">
      <header>
        <h2 id="macro">{name}</h2>
        <p className={styles['also']}>
          {also.close === true && <Chip tone="accent">{w.closesCase}</Chip>}
          {also.priority !== undefined && <Chip tone={also.priority === 'urgent' || also.priority === 'high' ? 'bad' : 'plain'}>{w.setsPriority(also.priority)}</Chip>}
          {also.close !== true && also.priority === undefined && <span className={styles['quiet']}>{w.nothingElse}</span>}
        </p>
      </header>
      <p className={styles['text']}>{partsOf(text).map((part, n) => (part.fact === undefined ? part.text : <span key={n} className={styles['fact']} title={FACT_WORDS[part.fact]}>{part.text}</span>))}</p>
      {mayWrite && (
        <div className={styles['buttons']}>
          <Button aria-keyshortcuts="w" onClick={change}>{w.change}<Key>w</Key></Button>
          <Button kind="quiet" icon="trash" aria-keyshortcuts="x" onClick={() => void remove().catch(fail)}>{w.remove}<Key>x</Key></Button>
        </div>
      )}
      <TryOn text={text} />
    </article>
  );
}
