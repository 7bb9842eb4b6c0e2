/** One identity, to be changed or made. */
import { useState } from 'react';
import { Button } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { Field } from '#ui/Field.tsx';
import { useWords } from '#ui/words.ts';
import { ApiError } from '../api/http.ts';
import type { Identity } from '../api/types.ts';
import { addressesOf, plainTextOf, typedOf, useChangeIdentities } from './identities.ts';
import { SignatureEditor } from './SignatureEditor.tsx';
import { words } from './words.ts';
import styles from './Form.module.css';

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

export function IdentityForm({ identity, onClose }: { readonly identity: Identity; readonly onClose: () => void }) {
  const w = useWords(words);
  const change = useChangeIdentities();
  const [name, setName] = useState(identity.name);
  const [replyTo, setReplyTo] = useState(typedOf(identity.replyTo));
  const [bcc, setBcc] = useState(typedOf(identity.bcc));
  const [html, setHtml] = useState(identity.htmlSignature !== '' ? identity.htmlSignature : identity.textSignature.split('\n').map((line) => `<p>${escape(line)}</p>`).join(''));
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<string>();
  const [replyAddresses, bccAddresses] = [addressesOf(replyTo), addressesOf(bcc)];

  async function save(): Promise<void> {
    if (replyAddresses === undefined || bccAddresses === undefined) return setFault(w.noAddress);
    const textSignature = plainTextOf(html);
    const values = { name: name.trim(), replyTo: replyAddresses, bcc: bccAddresses, textSignature, htmlSignature: textSignature === '' && !html.includes('<img') ? '' : html };
    setBusy(true);
    try {
      await change(identity.id === '' ? { create: { made: { ...values, email: identity.email } } } : { update: { [identity.id]: values } });
      onClose();
    } catch (error) {
      setFault((error instanceof ApiError ? error.sentence : undefined) ?? w.notSaved);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog
      title={identity.email}
      wide
      onClose={onClose}
      acts={
        <>
          <Button kind="quiet" onClick={onClose}>{w.cancel}</Button>
          <Button kind="main" busy={isBusy} onClick={() => void save()}>{w.save}</Button>
        </>
      }
    >
      {/* Of the Escape that is pressed in it an editor leaves nothing for the dialog. */}
      <div className={styles['stack']} onKeyDown={(event) => event.key === 'Escape' && event.defaultPrevented && onClose()}>
        <Field label={w.name} hint={w.nameHint} autoComplete="name" value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
        <SignatureEditor label={w.signature} html={html} onChange={setHtml} />
        <div className={styles['pair']}>
          <Field label={w.replyTo} hint={w.replyToHint} value={replyTo} fault={replyAddresses === undefined ? w.noAddress : undefined} onChange={(event) => setReplyTo(event.target.value)} />
          <Field label={w.bcc} hint={w.bccHint} value={bcc} fault={bccAddresses === undefined ? w.noAddress : undefined} onChange={(event) => setBcc(event.target.value)} />
        </div>
        {fault !== undefined && <p className={styles['note']} role="alert">{fault}</p>}
      </div>
    </Dialog>
  );
}
