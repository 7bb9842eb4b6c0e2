/** A macro's answer as this customer will get it: read, then sent by Enter. What is sent is filled in again by the server. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Button } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { ask, sentenceOf, StaffError } from '#ui/staff/ask.ts';
import { useSending } from '#ui/staff/sending.ts';
import { showToast } from '#ui/toasts.ts';
import { useWords } from '#ui/words.ts';
import type { Macro } from '#desk/cases/api.ts';
import { Chip } from '../ui/Section.tsx';
import { CASES, useCaseAct } from './queries.ts';
import { SEND, words } from './words.ts';
import styles from './CasePage.module.css';

/** @param seen the last entry that is shown; 0: there is none */
export function MacroDialog({ caseId, macro, seen, onClose }: { readonly caseId: number; readonly macro: Macro; readonly seen: number; readonly onClose: () => void }) {
  const w = useWords(words);
  const act = useCaseAct(caseId);
  // The same until it was taken: what got no answer may be sent again.
  const [key, setKey] = useState(() => crypto.randomUUID());
  const { isBusy, fault, send: sendOnce } = useSending((failure) => {
    if (!(failure instanceof StaffError && failure.status === 409)) return sentenceOf(failure, w.failed);
    setKey(crypto.randomUUID());
    return w.conflict;
  });
  const send = useRef<HTMLButtonElement>(null);
  const { data, error } = useQuery({ queryKey: ['macros', 'tried', caseId, macro.text], queryFn: ({ signal }) => ask<{ text: string }>(`${CASES}/${caseId}/try-macro`, { text: macro.text }, signal), staleTime: 0 });
  const isShown = data !== undefined;
  useEffect(() => {
    if (isShown) send.current?.focus();
  }, [isShown]);
  async function use(): Promise<void> {
    if (!(await sendOnce(() => act(`macros/${macro.id}`, { key, seen })))) return;
    showToast({ text: w.macroDone(macro.name) });
    onClose();
  }
  return (
    <Dialog title={macro.name} onClose={onClose} acts={<><Button kind="quiet" onClick={onClose}>{w.cancel}</Button><Button ref={send} kind="main" busy={isBusy} disabled={!isShown} onClick={() => void use()}>{SEND.answer}</Button></>}>
      <div className={styles['form']}>
        {data === undefined ? <p role="status">{error === null ? w.loading : sentenceOf(error, w.failed)}</p> : <p className={styles['letter']}>{data.text}</p>}
        {(macro.also.close === true || macro.also.priority !== undefined) && (
          <p className={styles['buttons']}>
            {macro.also.close === true && <Chip tone="accent">{w.macroCloses}</Chip>}
            {macro.also.priority !== undefined && <Chip>{w.macroPriority(macro.also.priority)}</Chip>}
          </p>
        )}
        {fault !== undefined && <p role="alert" className={styles['fault']}>{fault}</p>}
      </div>
    </Dialog>
  );
}
