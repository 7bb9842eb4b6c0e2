/** How one case's customer would get a text, by the same hand that fills it in when it is sent. Nothing is sent. */
import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Field } from '#ui/Field.tsx';
import { ask, sentenceOf, StaffError } from '#ui/staff/ask.ts';
import { useWords } from '#ui/words.ts';
import { unknownFacts } from '#desk/cases/api.ts';
import { CASES, useCases } from '../cases/queries.ts';
import { useCommand } from '../shell/keymap.ts';
import { Key } from '../ui/Section.tsx';
import { useRested } from '../ui/use-rested.ts';
import { words } from './words.ts';
import styles from './Macros.module.css';

/** One looks at it between two sentences. */
const REST_MS = 300;
/** Of one's own cases, to begin with. */
const OFFERED = 5;

export function TryOn({ text }: { readonly text: string }) {
  const w = useWords(words);
  const [typed, setTyped] = useState('');
  const input = useRef<HTMLInputElement>(null);
  const { data: mine } = useCases('mine');
  const number = Number(typed);
  const rested = useRested(text.trim(), REST_MS);
  const isAsked = Number.isSafeInteger(number) && number > 0 && rested !== '' && unknownFacts(rested).length === 0;
  const { data, error } = useQuery({ queryKey: ['macros', 'tried', number, rested], queryFn: ({ signal }) => ask<{ text: string }>(`${CASES}/${number}/try-macro`, { text: rested }, signal), enabled: isAsked, retry: false });
  useCommand('tryIt', () => input.current?.focus());
  const offered = mine?.cases.slice(0, OFFERED) ?? [];
  return (
    <section className={styles['try']} aria-label={w.tryIt}>
      <Field ref={input} label={w.onCase} hint={w.onCaseHint} inputMode="numeric" maxLength={12} aria-keyshortcuts="v" value={typed} onChange={(event) => setTyped(event.target.value)} after={<Key>v</Key>} />
      {offered.length > 0 && (
        <fieldset className={styles['facts']}>
          <legend>{w.yours}</legend>
          {offered.map(({ id, account, subject }) => <button key={id} type="button" aria-pressed={typed === String(id)} onClick={() => setTyped(String(id))}>{id}: {account?.name ?? account?.address ?? subject}</button>)}
        </fieldset>
      )}
      <div role="status">
        {isAsked && error !== null && <p className={styles['fault']}>{error instanceof StaffError && error.status === 404 ? w.noCase : sentenceOf(error, w.failed)}</p>}
        {isAsked && data !== undefined && (
          <figure className={styles['letter']}>
            <figcaption>{w.as(number)}</figcaption>
            <p>{data.text}</p>
          </figure>
        )}
      </div>
    </section>
  );
}
