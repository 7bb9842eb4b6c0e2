/** Changing the password, with what will ask for the new one told before and after. */
import { useState } from 'react';
import { Button } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { Field } from '#ui/Field.tsx';
import { Icon } from '#ui/Icon.tsx';
import { useLanguage, useWords } from '#ui/words.ts';
import type { PasswordChanged, SecurityFacts } from '#webmail/security/api.ts';
import { Card } from './Card.tsx';
import { post, useHistory, useReread } from './data.ts';
import { devicesWithPassword } from './lines.ts';
import { faultText } from './Sure.tsx';
import { when } from './when.ts';
import { words } from './words.ts';
import form from '../Form.module.css';
import styles from './Security.module.css';

export function Password({ facts }: { readonly facts: SecurityFacts }) {
  const w = useWords(words);
  const [isOpen, setOpen] = useState(false);
  return (
    <Card icon="key" title={w.password} about={w.passwordAbout}>
      <div className={form['row']}>
        <Button onClick={() => setOpen(true)}>{w.changePassword}</Button>
      </div>
      {isOpen && <ChangePassword address={facts.address} onClose={() => setOpen(false)} />}
    </Card>
  );
}

/** Shorter ones are refused (src/signin/secrets/new-secret.ts). */
const LEAST = 8;

function ChangePassword({ address, onClose }: { readonly address: string; readonly onClose: () => void }) {
  const w = useWords(words);
  const reread = useReread();
  const [old, setOld] = useState('');
  const [secret, setSecret] = useState('');
  const [fault, setFault] = useState<{ readonly field: 'old' | 'new' | 'all'; readonly text: string }>();
  const [isBusy, setBusy] = useState(false);
  const [done, setDone] = useState<PasswordChanged['outcome']>();

  async function change(): Promise<void> {
    if ([...secret].length < LEAST) return setFault({ field: 'new', text: w.tooShort });
    setBusy(true);
    try {
      const { outcome } = await post<PasswordChanged>('/api/security/password', { old, secret });
      setDone(outcome);
      await reread();
    } catch (error) {
      const text = faultText(error);
      setFault({ field: text === w.passwordWrong ? 'old' : text === w.unavailable ? 'all' : 'new', text });
    } finally {
      setBusy(false);
    }
  }

  if (done !== undefined) {
    return (
      <Dialog title={done === 'asked' ? w.passwordAsked : w.passwordDone} onClose={onClose} acts={<Button kind="main" onClick={onClose}>{w.ready}</Button>}>
        <div className={form['stack']}>
          <p role="status">{done === 'asked' ? w.passwordAskedText : w.passwordDoneText}</p>
          <Asking />
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title={w.changePassword} onClose={onClose}>
      <form
        className={form['stack']}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void change();
        }}
      >
        <div role="alert">
          {fault?.field === 'all' && (
            <p className={form['note']}>
              <Icon name="info" />
              <span>{fault.text}</span>
            </p>
          )}
        </div>
        <input type="text" name="username" autoComplete="username" value={address} readOnly hidden />
        <Field label={w.oldPassword} type="password" name="old" autoComplete="current-password" autoFocus fault={fault?.field === 'old' ? fault.text : undefined} value={old} onChange={(event) => (setOld(event.target.value), setFault(undefined))} />
        <Field label={w.newPassword} hint={w.newPasswordHint} type="password" name="new" autoComplete="new-password" fault={fault?.field === 'new' ? fault.text : undefined} value={secret} onChange={(event) => (setSecret(event.target.value), setFault(undefined))} />
        <Asking />
        <div className={form['acts']}>
          <Button onClick={onClose}>{w.cancel}</Button>
          <Button kind="main" type="submit" busy={isBusy}>{w.changePassword}</Button>
        </div>
      </form>
    </Dialog>
  );
}

/** The devices that ask for the new one. */
function Asking() {
  const w = useWords(words);
  const language = useLanguage();
  const { data: history } = useHistory();
  if (history === undefined) return null;
  const devices = devicesWithPassword(history);
  if (devices.length === 0) return <p className={form['quiet']}>{w.noneAsk}</p>;
  return (
    <div>
      <p>{w.theseAsk(devices.length)}</p>
      <ul className={styles['plainList']}>
        {devices.slice(0, 10).map(({ network, protocols, lastAt }) => (
          <li key={network}>{w.askingDevice(protocols.map((each) => w.protocol(each)).join(', '), network === 'elsewhere' ? w.elsewhere : network, when(lastAt, language))}</li>
        ))}
      </ul>
    </div>
  );
}
