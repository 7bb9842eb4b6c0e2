/**
 * Changes that need the password once more.
 *
 * Invariants: it is asked when the server wants it, and then the change goes on by itself; called off, nothing was changed.
 */
import { createContext, useCallback, useContext, useState, type ReactNode } from 'react';
import { Button } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { Field } from '#ui/Field.tsx';
import { showToast } from '#ui/toasts.ts';
import { say, useWords } from '#ui/words.ts';
import { ApiError } from '../../api/http.ts';
import { post, useFacts } from './data.ts';
import { words } from './words.ts';
import styles from '../Form.module.css';

/** Does it, asking for the password where that is needed. Undefined: called off, or refused, which has been said. */
export type Sure = <T>(act: () => Promise<T>) => Promise<T | undefined>;

const Context = createContext<Sure>(async () => undefined);

export const useSure = (): Sure => useContext(Context);

export function SureProvider({ children }: { readonly children: ReactNode }) {
  const [asking, setAsking] = useState<{ readonly answer: (isSure: boolean) => void }>();
  const sure = useCallback(async <T,>(act: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await act().catch(async (error: unknown) => {
        if (!(error instanceof ApiError && error.code === 'confirm')) throw error;
        const isSure = await new Promise<boolean>((answer) => setAsking({ answer }));
        setAsking(undefined);
        return isSure ? act() : undefined;
      });
    } catch (error) {
      showToast({ kind: 'bad', text: faultText(error) });
      return undefined;
    }
  }, []);
  return (
    <Context.Provider value={sure}>
      {children}
      {asking !== undefined && <AskPassword onAnswer={asking.answer} />}
    </Context.Provider>
  );
}

/** What a failed change is told as. */
export function faultText(error: unknown): string {
  const w = say(words);
  if (!(error instanceof ApiError)) return w.failed;
  if (error.code === 'rejected') return w.passwordWrong;
  if (error.code === 'unavailable') return w.unavailable;
  if (error.code === 'code') return w.codeWrong;
  return error.sentence ?? w.failed;
}

function AskPassword({ onAnswer }: { readonly onAnswer: (isSure: boolean) => void }) {
  const w = useWords(words);
  const { data } = useFacts();
  const [secret, setSecret] = useState('');
  const [fault, setFault] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  return (
    <Dialog title={w.sureTitle} onClose={() => onAnswer(false)}>
      <form
        className={styles['stack']}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (secret === '') return;
          setBusy(true);
          post('/api/security/confirm', { secret })
            .then(() => onAnswer(true), (error: unknown) => setFault(faultText(error)))
            .finally(() => setBusy(false));
        }}
      >
        <p>{w.sureText}</p>
        {/* So that a password manager knows whose it is. */}
        <input type="text" name="username" autoComplete="username" value={data?.address ?? ''} readOnly hidden />
        <Field label={w.password} name="current-password" type="password" autoComplete="current-password" autoFocus fault={fault} value={secret} onChange={(event) => (setSecret(event.target.value), setFault(undefined))} />
        <div className={styles['acts']}>
          <Button onClick={() => onAnswer(false)}>{w.cancel}</Button>
          <Button kind="main" type="submit" busy={isBusy}>{w.goOn}</Button>
        </div>
      </form>
    </Dialog>
  );
}
