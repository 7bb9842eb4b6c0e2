/** As whom one writes: names, answers, copies and signatures, of the account's own addresses. */
import { useState } from 'react';
import { Button, IconButton } from '#ui/Button.tsx';
import { Menu, MenuItem } from '#ui/Menu.tsx';
import { showToast } from '#ui/toasts.ts';
import { useWords } from '#ui/words.ts';
import type { Identity } from '../api/types.ts';
import { IdentityForm } from './IdentityForm.tsx';
import { plainTextOf, useChangeIdentities, useIdentities } from './identities.ts';
import { words } from './words.ts';
import styles from './Form.module.css';

export function Identities() {
  const w = useWords(words);
  const identities = useIdentities();
  const change = useChangeIdentities();
  const [edited, setEdited] = useState<Identity>();
  if (identities === undefined) return <p className={styles['quiet']} role="status">{w.loading}</p>;
  const addresses = [...new Set(identities.map(({ email }) => email))];
  const another = (email: string): void => setEdited({ id: '', name: '', email, replyTo: null, bcc: null, textSignature: '', htmlSignature: '', mayDelete: true });
  const remove = (id: string): void => void change({ destroy: [id] }).catch(() => showToast({ kind: 'bad', text: w.notSaved }));
  return (
    <div className={styles['stack']}>
      <ul className={styles['list']}>
        {identities.map((identity) => (
          <li key={identity.id} className={styles['item']}>
            <div>
              <b>{identity.name === '' ? identity.email : identity.name}</b>
              <small>{[identity.name === '' ? '' : identity.email, (identity.textSignature || plainTextOf(identity.htmlSignature)).split('\n')[0]].filter((each) => each !== '').join(' · ') || w.noSignature}</small>
            </div>
            <IconButton icon="drafts" label={w.edit(identity.name || identity.email)} onClick={() => setEdited(identity)} />
            {identity.mayDelete && <IconButton icon="trash" label={w.remove(identity.name || identity.email)} onClick={() => remove(identity.id)} />}
          </li>
        ))}
      </ul>
      <div className={styles['row']}>
        {addresses.length === 1 ? (
          <Button icon="plus" onClick={() => another(addresses[0]!)}>{w.addIdentity}</Button>
        ) : (
          <Menu align="start" items={addresses.map((email) => <MenuItem key={email} onSelect={() => another(email)}>{email}</MenuItem>)}>
            <Button icon="plus">{w.addIdentity}</Button>
          </Menu>
        )}
      </div>
      {edited !== undefined && <IdentityForm identity={edited} onClose={() => setEdited(undefined)} />}
    </div>
  );
}
