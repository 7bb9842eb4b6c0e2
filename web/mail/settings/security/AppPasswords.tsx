/** App passwords: one for each device or program, shown once. */
import { useState } from 'react';
import { Button, IconButton } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { Field } from '#ui/Field.tsx';
import { showToast } from '#ui/toasts.ts';
import { useLanguage, useWords } from '#ui/words.ts';
import type { SecurityFacts } from '#webmail/security/api.ts';
import { Card } from './Card.tsx';
import { post, useReread } from './data.ts';
import { OnceShown } from './OnceShown.tsx';
import { useSure } from './Sure.tsx';
import { when } from './when.ts';
import { words } from './words.ts';
import form from '../Form.module.css';
import styles from './Security.module.css';

const USES = {
  mail: ['imap', 'submission'],
  pop3: ['pop3'],
  sieve: ['sieve'],
  jmap: ['webmail'],
} as const;
type Use = keyof typeof USES;

export function AppPasswords({ facts: { appPasswords, address } }: { readonly facts: SecurityFacts }) {
  const w = useWords(words);
  const language = useLanguage();
  const sure = useSure();
  const reread = useReread();
  const [isMaking, setMaking] = useState(false);
  const [made, setMade] = useState<{ readonly label: string; readonly secret: string }>();

  const revoke = async (id: number): Promise<void> => {
    if ((await sure(() => post('/api/security/app-passwords/revoke', { id }))) !== undefined) showToast({ text: w.appRemoved });
    await reread();
  };

  return (
    <Card icon="mail" title={w.apps} about={w.appsAbout}>
      {appPasswords.length > 0 && (
        <ul className={form['list']}>
          {appPasswords.map(({ id, label, scope, createdAt, lastUsedAt }) => (
            <li key={id} className={form['item']}>
              <div>
                <b>{label}</b>
                <small>{[scope.map((each) => w.protocol(each)).join(', '), w.since(when(createdAt, language)), lastUsedAt === null ? w.neverUsed : w.lastUsed(when(lastUsedAt, language))].join(' · ')}</small>
              </div>
              <IconButton icon="trash" label={w.remove(label)} onClick={() => void revoke(id)} />
            </li>
          ))}
        </ul>
      )}
      <div className={form['row']}>
        <Button icon="plus" onClick={() => setMaking(true)}>{w.makeApp}</Button>
      </div>
      {isMaking && (
        <Make
          onClose={() => setMaking(false)}
          onMade={(label, secret) => {
            setMaking(false);
            setMade({ label, secret });
            void reread();
          }}
        />
      )}
      {made !== undefined && (
        <Dialog title={w.appMade(made.label)} onClose={() => setMade(undefined)} acts={<Button kind="main" onClick={() => setMade(undefined)}>{w.ready}</Button>}>
          <div className={form['stack']}>
            <p>{w.appMadeText(address)}</p>
            <OnceShown lines={[made.secret]} label={w.appPassword} />
          </div>
        </Dialog>
      )}
    </Card>
  );
}

function Make({ onClose, onMade }: { readonly onClose: () => void; readonly onMade: (label: string, secret: string) => void }) {
  const w = useWords(words);
  const sure = useSure();
  const [label, setLabel] = useState('');
  const [uses, setUses] = useState<readonly Use[]>(['mail']);
  const [fault, setFault] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const named: Readonly<Record<Use, string>> = { mail: w.useMail, pop3: w.usePop3, sieve: w.useSieve, jmap: w.useJmap };

  async function make(): Promise<void> {
    const name = label.trim();
    if (name === '') return setFault(w.nameMissing);
    if (uses.length === 0) return void showToast({ kind: 'bad', text: w.useMissing });
    setBusy(true);
    const made = await sure(() => post<{ secret: string }>('/api/security/app-passwords/make', { label: name, scope: uses.flatMap((use) => USES[use]) }));
    setBusy(false);
    if (made !== undefined) onMade(name, made.secret);
  }

  return (
    <Dialog title={w.makeApp} onClose={onClose}>
      <form
        className={form['stack']}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        <Field label={w.name} hint={w.appNameHint} maxLength={64} autoFocus fault={fault} value={label} onChange={(event) => (setLabel(event.target.value), setFault(undefined))} />
        <fieldset className={styles['boxes']}>
          <legend>{w.useFor}</legend>
          {(Object.keys(USES) as Use[]).map((use) => (
            <label key={use} className={styles['box']}>
              <input type="checkbox" checked={uses.includes(use)} onChange={(event) => setUses(event.target.checked ? [...uses, use] : uses.filter((each) => each !== use))} />
              {named[use]}
            </label>
          ))}
        </fieldset>
        <div className={form['acts']}>
          <Button onClick={onClose}>{w.cancel}</Button>
          <Button kind="main" type="submit" busy={isBusy}>{w.make}</Button>
        </div>
      </form>
    </Dialog>
  );
}
