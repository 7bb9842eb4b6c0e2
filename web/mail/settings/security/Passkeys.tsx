/** Passkeys: made on this device, named, removed. */
import { useState } from 'react';
import { Button, IconButton } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { Field } from '#ui/Field.tsx';
import { showToast } from '#ui/toasts.ts';
import { useLanguage, useWords } from '#ui/words.ts';
import type { SecurityFacts } from '#webmail/security/api.ts';
import { makePasskey, supportsPasskeys } from '#ui/passkeys.ts';
import { Card } from './Card.tsx';
import { post, useReread } from './data.ts';
import { nameOf } from './device-name.ts';
import { useSure } from './Sure.tsx';
import { when } from './when.ts';
import { words } from './words.ts';
import form from '../Form.module.css';

type Passkey = SecurityFacts['passkeys']['list'][number];

export function Passkeys({ facts: { passkeys } }: { readonly facts: SecurityFacts }) {
  const w = useWords(words);
  const language = useLanguage();
  const sure = useSure();
  const reread = useReread();
  const [isBusy, setBusy] = useState(false);
  const [renamed, setRenamed] = useState<Passkey>();
  const canMake = passkeys.possible && supportsPasskeys();

  async function make(): Promise<void> {
    setBusy(true);
    try {
      const options = await sure(() => post<Record<string, unknown>>('/api/security/passkeys/options'));
      if (options === undefined) return;
      const response = await makePasskey(options);
      if (response === undefined) return void showToast({ text: w.passkeyNotMade });
      const name = nameOf(navigator.userAgent, w.on, w.thisDevice);
      if ((await sure(() => post('/api/security/passkeys/add', { name, response }))) !== undefined) showToast({ text: w.passkeyMade });
      await reread();
    } finally {
      setBusy(false);
    }
  }

  async function remove({ id }: Passkey): Promise<void> {
    if ((await sure(() => post('/api/security/passkeys/remove', { id }))) !== undefined) showToast({ text: w.passkeyRemoved });
    await reread();
  }

  return (
    <Card icon="shield" title={w.passkeys} about={w.passkeysAbout}>
      {passkeys.list.length > 0 && (
        <ul className={form['list']}>
          {passkeys.list.map((passkey) => (
            <li key={passkey.id} className={form['item']}>
              <div>
                <b>{passkey.name}</b>
                <small>{[passkey.synced ? w.synced : w.oneDevice, w.since(when(passkey.createdAt, language)), passkey.lastUsedAt === null ? w.neverUsed : w.lastUsed(when(passkey.lastUsedAt, language))].join(' · ')}</small>
              </div>
              <IconButton icon="drafts" label={w.rename(passkey.name)} onClick={() => setRenamed(passkey)} />
              <IconButton icon="trash" label={w.remove(passkey.name)} onClick={() => void remove(passkey)} />
            </li>
          ))}
        </ul>
      )}
      {canMake ? (
        <div className={form['row']}>
          <Button icon="plus" busy={isBusy} onClick={() => void make()}>{w.makePasskey}</Button>
        </div>
      ) : (
        <p className={form['quiet']}>{w.noPasskeysHere}</p>
      )}
      {renamed !== undefined && <Rename passkey={renamed} onClose={() => setRenamed(undefined)} />}
    </Card>
  );
}

function Rename({ passkey: { id, name }, onClose }: { readonly passkey: Passkey; readonly onClose: () => void }) {
  const w = useWords(words);
  const sure = useSure();
  const reread = useReread();
  const [typed, setTyped] = useState(name);
  const save = async (): Promise<void> => {
    if ((await sure(() => post('/api/security/passkeys/rename', { id, name: typed }))) === undefined) return;
    onClose();
    await reread();
  };
  return (
    <Dialog title={w.rename(name)} onClose={onClose}>
      <form
        className={form['stack']}
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Field label={w.name} value={typed} maxLength={64} required autoFocus onChange={(event) => setTyped(event.target.value)} />
        <div className={form['acts']}>
          <Button onClick={onClose}>{w.cancel}</Button>
          <Button kind="main" type="submit">{w.save}</Button>
        </div>
      </form>
    </Dialog>
  );
}
