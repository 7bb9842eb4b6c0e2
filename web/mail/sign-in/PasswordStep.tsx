/** The first step: name and password, or a passkey. */
import { useState } from 'react';
import { Button } from '#ui/Button.tsx';
import { NameField, PasswordField } from '#ui/sign-in/fields.tsx';
import { Or, SignInForm } from '#ui/sign-in/SignInCard.tsx';
import { useWords } from '#ui/words.ts';
import { Forgotten } from './Forgotten.tsx';
import { words } from './words.ts';
import styles from './SignIn.module.css';

export function PasswordStep({ isBusy, isWaiting, stay, onStay, reset, onPasskey, onTyped, onSubmit }: {
  readonly isBusy: boolean;
  readonly isWaiting: boolean;
  readonly stay: boolean;
  readonly onStay: (stay: boolean) => void;
  /** Where a reset link is used. */
  readonly reset: string | undefined;
  /** Undefined: there are none here. */
  readonly onPasskey: (() => void) | undefined;
  readonly onTyped: () => void;
  readonly onSubmit: (login: string, secret: string) => void;
}) {
  const w = useWords(words);
  const [login, setLogin] = useState('');
  const [secret, setSecret] = useState('');
  const [isForgotten, setForgotten] = useState(false);
  return (
    <>
      <SignInForm onSubmit={() => onSubmit(login, secret)}>
        <NameField
          label={w.login}
          value={login}
          onType={(typed) => {
            setLogin(typed);
            onTyped();
          }}
        />
        <PasswordField
          label={w.secret}
          value={secret}
          onType={(typed) => {
            setSecret(typed);
            onTyped();
          }}
        />
        <label className={styles['stay']}>
          <input type="checkbox" checked={stay} onChange={(event) => onStay(event.target.checked)} />
          {w.stay}
        </label>
        <Button kind="main" type="submit" wide busy={isBusy && !isWaiting}>
          {w.signIn}
        </Button>
      </SignInForm>
      {onPasskey !== undefined && (
        <>
          <Or>{w.or}</Or>
          <Button icon="key" wide onClick={onPasskey}>
            {w.passkey}
          </Button>
        </>
      )}
      {reset !== undefined && (
        <p className={styles['foot']}>
          <Button kind="quiet" onClick={() => setForgotten(true)}>
            {w.forgotten}
          </Button>
        </p>
      )}
      {isForgotten && reset !== undefined && <Forgotten reset={reset} onClose={() => setForgotten(false)} />}
    </>
  );
}
