/** The code after the password: turned on with a phone, recovery codes, mail programs, turned off. */
import { useState } from 'react';
import { Button } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { showToast } from '#ui/toasts.ts';
import { useLanguage, useWords } from '#ui/words.ts';
import type { SecondStepBegun, SecurityFacts } from '#webmail/security/api.ts';
import { Card } from './Card.tsx';
import { post, useHistory, useReread } from './data.ts';
import { devicesWithPassword } from './lines.ts';
import { OnceShown } from './OnceShown.tsx';
import { useSure } from './Sure.tsx';
import { TurnOn } from './TurnOn.tsx';
import { when } from './when.ts';
import { words } from './words.ts';
import form from '../Form.module.css';
import styles from './Security.module.css';

export function SecondStep({ facts: { secondStep } }: { readonly facts: SecurityFacts }) {
  const w = useWords(words);
  const language = useLanguage();
  const sure = useSure();
  const reread = useReread();
  const [begun, setBegun] = useState<SecondStepBegun>();
  const [codes, setCodes] = useState<readonly string[]>();
  const { on } = secondStep;

  const begin = async (): Promise<void> => setBegun(await sure(() => post<SecondStepBegun>('/api/security/second-step/begin')));
  const off = async (): Promise<void> => {
    if ((await sure(() => post('/api/security/second-step/off'))) !== undefined) showToast({ text: w.codesOff });
    await reread();
  };
  const renew = async (): Promise<void> => {
    setCodes((await sure(() => post<{ recoveryCodes: readonly string[] }>('/api/security/second-step/recovery-codes')))?.recoveryCodes);
    await reread();
  };

  return (
    <Card icon="clock" title={w.codes} about={w.codesAbout} state={on === null ? { text: w.off, tone: 'plain' } : { text: w.onSince(when(on.since, language)), tone: 'good' }}>
      {on === null && !secondStep.possible && <p className={form['quiet']}>{w.codesImpossible}</p>}
      {on === null && secondStep.possible && (
        <div className={form['row']}>
          <Button onClick={() => void begin()}>{w.codesBegin}</Button>
        </div>
      )}
      {on !== null && (
        <>
          <p>{w.recoveryLeft(on.recoveryLeft)}</p>
          <MailPrograms everywhere={on.everywhere} />
          <div className={form['row']}>
            <Button onClick={() => void renew()}>{w.recoveryNew}</Button>
            <Button kind="danger" onClick={() => void off()}>{w.codesTurnOff}</Button>
          </div>
        </>
      )}
      {begun !== undefined && (
        <TurnOn
          begun={begun}
          onClose={() => setBegun(undefined)}
          onDone={(recoveryCodes) => {
            setBegun(undefined);
            setCodes(recoveryCodes);
            void reread();
          }}
        />
      )}
      {codes !== undefined && (
        <Dialog title={w.recovery} onClose={() => setCodes(undefined)} acts={<Button kind="main" onClick={() => setCodes(undefined)}>{w.kept}</Button>}>
          <div className={form['stack']}>
            <p>{w.recoveryText}</p>
            <OnceShown lines={codes} label={w.recovery} file={w.recoveryFile} />
          </div>
        </Dialog>
      )}
    </Card>
  );
}

/** Mail programs show no codes: with the password alone they still get in, until their owner says otherwise. */
function MailPrograms({ everywhere }: { readonly everywhere: boolean }) {
  const w = useWords(words);
  const sure = useSure();
  const reread = useReread();
  const { data: history = [] } = useHistory();
  const devices = devicesWithPassword(history);
  const set = async (wanted: boolean): Promise<void> => {
    await sure(() => post('/api/security/second-step/everywhere', { everywhere: wanted }));
    await reread();
  };
  return (
    <div>
      <label className={styles['box']}>
        <input type="checkbox" checked={everywhere} onChange={(event) => void set(event.target.checked)} />
        <b>{w.everywhere}</b>
      </label>
      <p className={form['quiet']}>{everywhere ? w.everywhereOn : devices.length === 0 ? w.everywhereNone : w.everywhereSome(devices.length)}</p>
    </div>
  );
}
