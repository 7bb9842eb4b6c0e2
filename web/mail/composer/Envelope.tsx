/** Who writes, to whom, about what. */
import { useState } from 'react';
import { useWords } from '#ui/words.ts';
import type { Identity } from '../api/types.ts';
import { useKnown } from './known.ts';
import type { Message } from './message.ts';
import { Recipients } from './Recipients.tsx';
import { formatAddress } from './recipients.ts';
import { words } from './words.ts';
import styles from './Envelope.module.css';

const nothing = (): string => '';

/** @param onBegin where one begins by saying to whom: gives what was typed ahead */
export function Envelope({ message, identities, onBegin, onChange, onIdentity }: { readonly message: Message; readonly identities: readonly Identity[]; readonly onBegin: (() => string) | undefined; readonly onChange: (patch: Partial<Message>) => void; readonly onIdentity: (id: string) => void }) {
  const w = useWords(words);
  const known = useKnown();
  const [shown, setShown] = useState({ cc: message.cc.length > 0, bcc: message.bcc.length > 0 });
  const hasCc = shown.cc || message.cc.length > 0;
  const hasBcc = shown.bcc || message.bcc.length > 0;
  return (
    <div className={styles['envelope']}>
      {identities.length > 1 && (
        <div className={styles['row']}>
          <label>
            <span>{w.from}</span>
            <select value={message.identityId} onChange={(event) => onIdentity(event.target.value)}>
              {identities.map((one) => (
                <option key={one.id} value={one.id}>
                  {formatAddress({ name: one.name === '' ? null : one.name, email: one.email })}
                </option>
              ))}
            </select>
          </label>
        </div>
      )}
      <Recipients
        label={w.to}
        list={message.to}
        known={known}
        onBegin={onBegin}
        onChange={(to) => onChange({ to })}
        after={
          <span className={styles['more']}>
            {!hasCc && (
              <button type="button" aria-label={w.addCc} onClick={() => setShown({ ...shown, cc: true })}>
                {w.cc}
              </button>
            )}
            {!hasBcc && (
              <button type="button" aria-label={w.addBcc} onClick={() => setShown({ ...shown, bcc: true })}>
                {w.bcc}
              </button>
            )}
          </span>
        }
      />
      {hasCc && <Recipients label={w.cc} list={message.cc} known={known} onBegin={shown.cc && message.cc.length === 0 ? nothing : undefined} onChange={(cc) => onChange({ cc })} />}
      {hasBcc && <Recipients label={w.bcc} list={message.bcc} known={known} onBegin={shown.bcc && message.bcc.length === 0 ? nothing : undefined} onChange={(bcc) => onChange({ bcc })} />}
      <div className={styles['row']}>
        <label>
          <span>{w.subject}</span>
          <input type="text" dir="auto" value={message.subject} maxLength={2_000} onChange={(event) => onChange({ subject: event.target.value })} />
        </label>
      </div>
    </div>
  );
}
