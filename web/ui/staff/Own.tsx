/** By what somebody of the staff signs in, and where he is signed in. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { PASSWORD_LEAST, type StaffSecurity } from '#staff/api.ts';
import { Button } from '../Button.tsx';
import { Dialog } from '../Dialog.tsx';
import { Field } from '../Field.tsx';
import { makePasskey } from '../passkeys.ts';
import { useWords, getLanguage } from '../words.ts';
import { ask, sentenceOf } from './ask.ts';
import { words } from './words.ts';
import styles from './Own.module.css';

const KEY = ['staff', 'security'];

export function Own({ onClose }: { readonly onClose: () => void }) {
  const w = useWords(words);
  const queries = useQueryClient();
  const { data } = useQuery({ queryKey: KEY, queryFn: ({ signal }) => ask<StaffSecurity>('/api/staff/security', undefined, signal) });
  const [told, setTold] = useState<string>();
  const run = async (work: () => Promise<unknown>, done?: string): Promise<void> => {
    setTold(undefined);
    try {
      await work();
      setTold(done);
    } catch (error) {
      setTold(sentenceOf(error, w.failed));
    }
    await queries.invalidateQueries({ queryKey: KEY });
  };
  return (
    <Dialog title={w.own} onClose={onClose} wide>
      <p role="status" className={styles['told']}>{told}</p>
      {data === undefined ? (
        <p>{w.waiting}</p>
      ) : (
        <div className={styles['parts']}>
          <section aria-labelledby="own-sessions">
            <h3 id="own-sessions">{w.sessions}</h3>
            <ul className={styles['lines']}>
              {data.sessions.map((session) => (
                <li key={session.id}>
                  <span>
                    <b>{session.current ? w.here : session.network}</b>
                    <small>{`${deviceOf(session.device)} · ${moment(session.seenAt)}`}</small>
                  </span>
                  {!session.current && <Button onClick={() => void run(() => ask('/api/staff/sessions/end', { id: session.id }))}>{w.end}</Button>}
                </li>
              ))}
            </ul>
            {data.sessions.length > 1 && <Button onClick={() => void run(() => ask('/api/staff/sessions/end', { others: true }))}>{w.endOthers}</Button>}
          </section>
          {data.password ? (
            <>
              <Passkeys security={data} run={run} />
              <Password run={run} />
            </>
          ) : (
            <p className={styles['quiet']}>{w.noPassword}</p>
          )}
        </div>
      )}
    </Dialog>
  );
}

type Run = (work: () => Promise<unknown>, done?: string) => Promise<void>;

function Passkeys({ security, run }: { readonly security: StaffSecurity; readonly run: Run }) {
  const w = useWords(words);
  const [name, setName] = useState('');
  const [secret, setSecret] = useState('');
  const add = async (): Promise<void> => {
    const response = await makePasskey(await ask('/api/staff/passkeys/options', { secret }));
    if (response === undefined) throw new Error(w.notMade);
    await ask('/api/staff/passkeys/add', { name, response });
    setName('');
    setSecret('');
  };
  return (
    <section aria-labelledby="own-passkeys">
      <h3 id="own-passkeys">{w.passkeys}</h3>
      {security.passkeys.length === 0 && <p className={styles['quiet']}>{w.noPasskeys}</p>}
      <ul className={styles['lines']}>
        {security.passkeys.map((passkey) => (
          <li key={passkey.id}>
            <span>
              <b>{passkey.name}</b>
              <small>{moment(passkey.usedAt ?? passkey.madeAt)}</small>
            </span>
            <Button onClick={() => void run(() => ask('/api/staff/passkeys/remove', { id: passkey.id }))}>{w.remove}</Button>
          </li>
        ))}
      </ul>
      {security.passkeysPossible ? (
        <form
          className={styles['form']}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            void run(add, w.made);
          }}
        >
          <Field label={w.passkeyName} name="passkey" maxLength={64} autoComplete="off" value={name} onChange={(event) => setName(event.target.value)} />
          <Field label={w.old} name="password" type="password" autoComplete="current-password" value={secret} onChange={(event) => setSecret(event.target.value)} />
          <Button type="submit" icon="key" disabled={name.trim() === '' || secret === ''}>
            {w.addPasskey}
          </Button>
        </form>
      ) : (
        <p className={styles['quiet']}>{w.impossible}</p>
      )}
    </section>
  );
}

function Password({ run }: { readonly run: Run }) {
  const w = useWords(words);
  const [old, setOld] = useState('');
  const [secret, setSecret] = useState('');
  return (
    <section aria-labelledby="own-password">
      <h3 id="own-password">{w.password}</h3>
      <form
        className={styles['form']}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void run(async () => {
            await ask('/api/staff/password', { old, secret });
            setOld('');
            setSecret('');
          }, w.changed);
        }}
      >
        <Field label={w.old} name="old" type="password" autoComplete="current-password" value={old} onChange={(event) => setOld(event.target.value)} />
        <Field label={w.fresh} name="new" type="password" autoComplete="new-password" value={secret} onChange={(event) => setSecret(event.target.value)} />
        <Button type="submit" disabled={old === '' || [...secret].length < PASSWORD_LEAST}>
          {w.change}
        </Button>
      </form>
    </section>
  );
}

function moment(iso: string): string {
  return new Intl.DateTimeFormat(getLanguage(), { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso));
}

/** What people call a browser, of what it says of itself. */
function deviceOf(agent: string): string {
  const browser = /(Firefox|Edg|Chrome|Safari)\//.exec(agent)?.[1]?.replace('Edg', 'Edge') ?? '';
  const system = /(Windows|Macintosh|Android|iPhone|iPad|Linux)/.exec(agent)?.[1]?.replace('Macintosh', 'Mac') ?? '';
  return [browser, system].filter((each) => each !== '').join(', ') || agent.slice(0, 40);
}
