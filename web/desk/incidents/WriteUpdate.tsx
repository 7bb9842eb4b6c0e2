/**
 * Written once, answered everywhere: an update, and how it reaches one customer.
 *
 * Invariant: the same update is sent with the same key until it was taken, so that a lost answer never says it twice.
 */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '#ui/Button.tsx';
import { Choice } from '#ui/Choice.tsx';
import { ask, sentenceOf } from '#ui/staff/ask.ts';
import { useSending } from '#ui/staff/sending.ts';
import { TextArea } from '#ui/TextArea.tsx';
import { showToast } from '#ui/toasts.ts';
import { useWords } from '#ui/words.ts';
import type { CaseLine } from '#desk/cases/api.ts';
import { type Declared, type DeclaredState, MOST_TEXT } from '#incident/declared/api.ts';
import { Section } from '../ui/Section.tsx';
import { DECLARED, useHasSite } from './queries.ts';
import { words } from './words.ts';
import styles from './Incidents.module.css';

const STATES: readonly DeclaredState[] = ['investigating', 'identified', 'monitoring', 'resolved'];
const PLANNED: readonly DeclaredState[] = ['planned', 'under-way', 'resolved'];

/** @param cases the first of its open ones @param hasMore there are more than these */
export function WriteUpdate({ declared, cases, hasMore }: { readonly declared: Declared; readonly cases: readonly CaseLine[]; readonly hasMore: boolean }) {
  const w = useWords(words);
  const queries = useQueryClient();
  const [key, setKey] = useState(() => crypto.randomUUID());
  const [state, setState] = useState<DeclaredState>(declared.state);
  const [text, setText] = useState('');
  const [textEs, setTextEs] = useState('');
  const { isBusy, fault, send: sendOnce } = useSending((error) => sentenceOf(error, w.failed));
  const hasSite = useHasSite();
  const isPublic = declared.public && hasSite;
  const written = { text: text.trim(), ...(textEs.trim() === '' ? {} : { textEs: textEs.trim() }) };
  const [sample] = cases.filter(({ account }) => account !== undefined);
  const { data: preview } = useQuery({
    queryKey: ['preview', declared.id, sample?.id, state, written],
    queryFn: ({ signal }) => ask<{ text: string }>(`/api/desk/cases/${sample!.id}/preview`, { ...written, over: state === 'resolved' }, signal),
    enabled: sample !== undefined && written.text !== '',
    placeholderData: (before) => before,
  });

  async function send(): Promise<void> {
    await sendOnce(async () => {
      await ask(`${DECLARED}/${declared.id}/updates`, { key, state, ...written });
      setKey(crypto.randomUUID());
      setText('');
      setTextEs('');
      showToast({ text: w.sent(isPublic) });
      await Promise.all([queries.invalidateQueries({ queryKey: ['declared'] }), queries.invalidateQueries({ queryKey: ['cases'] })]);
    });
  }
  return (
    <Section title={w.write} icon="compose">
      <form
        className={styles['form']}
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <p className={styles['quiet']}>{w.writeHint}</p>
        <TextArea label={w.text2} required rows={3} maxLength={MOST_TEXT} value={text} fault={fault} onChange={(event) => setText(event.target.value)} />
        <TextArea label={w.textEs} lang="es" rows={2} maxLength={MOST_TEXT} value={textEs} onChange={(event) => setTextEs(event.target.value)} />
        <Choice label={w.state} value={state} options={(declared.planned === undefined ? STATES : PLANNED).map((value) => ({ value, text: w[value] }))} onChange={setState} />
        {preview !== undefined && sample !== undefined && written.text !== '' && (
          <figure className={styles['preview']}>
            <figcaption>{w.preview}: {sample.account!.name ?? sample.account!.address}</figcaption>
            <p>{preview.text}</p>
          </figure>
        )}
        <div><Button kind="main" type="submit" busy={isBusy} disabled={written.text === ''}>{hasMore ? w.sendMany(isPublic) : w.send(cases.length, isPublic)}</Button></div>
      </form>
    </Section>
  );
}
