/** The phone learns to make codes, and shows that it can by the first one. */
import { useState } from 'react';
import { Button } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { Field } from '#ui/Field.tsx';
import { useWords } from '#ui/words.ts';
import type { SecondStepBegun } from '#webmail/security/api.ts';
import { ApiError } from '../../api/http.ts';
import { post } from './data.ts';
import { QrCode } from '#ui/QrCode.tsx';
import { faultText, useSure } from './Sure.tsx';
import { words } from './words.ts';
import form from '../Form.module.css';
import styles from './Security.module.css';

export function TurnOn({ begun: { uri, secret }, onClose, onDone }: { readonly begun: SecondStepBegun; readonly onClose: () => void; readonly onDone: (recoveryCodes: readonly string[]) => void }) {
  const w = useWords(words);
  const sure = useSure();
  const [code, setCode] = useState('');
  const [fault, setFault] = useState<string>();
  const [isBusy, setBusy] = useState(false);

  async function finish(): Promise<void> {
    setBusy(true);
    // What is wrong with the code is told beside it.
    const done = await sure(() =>
      post<{ recoveryCodes: readonly string[] }>('/api/security/second-step/on', { code }).catch((error: unknown) => {
        if (error instanceof ApiError && error.code === 'confirm') throw error;
        return { fault: faultText(error) };
      }),
    );
    setBusy(false);
    if (done === undefined) return;
    if ('fault' in done) setFault(done.fault);
    else onDone(done.recoveryCodes);
  }

  return (
    <Dialog title={w.codesBegin} onClose={onClose} wide>
      <form
        className={form['stack']}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void finish();
        }}
      >
        <div className={styles['scan']}>
          <QrCode text={uri} label={w.qr} />
          <div className={form['stack']}>
            <p>{w.scan}</p>
            <p>
              {w.typeInstead} <code>{secret.replaceAll(/(.{4})(?=.)/g, '$1 ')}</code>
            </p>
          </div>
        </div>
        <Field label={w.firstCode} hint={w.firstCodeHint} name="code" inputMode="numeric" autoComplete="one-time-code" maxLength={7} fault={fault} value={code} onChange={(event) => (setCode(event.target.value), setFault(undefined))} />
        <div className={form['acts']}>
          <Button onClick={onClose}>{w.cancel}</Button>
          <Button kind="main" type="submit" busy={isBusy}>{w.codesTurnOn}</Button>
        </div>
      </form>
    </Dialog>
  );
}
