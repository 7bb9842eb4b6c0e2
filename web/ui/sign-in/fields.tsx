/**
 * What a sign-in asks for: a name, where the browser also offers passkeys; a password, which can be shown; a phone's code.
 *
 * Invariant: a whole code is sent without a button, and one that was wrong is typed anew.
 */
import { useEffect, useRef, useState } from 'react';
import { IconButton } from '../Button.tsx';
import { Field } from '../Field.tsx';
import { useWords } from '../words.ts';
import { wholeCode } from './whole-code.ts';
import { words } from './words.ts';

type Given = { readonly label: string; readonly value: string; readonly onType: (value: string) => void };

export function NameField({ onType, ...given }: Given & { readonly maxLength?: number }) {
  return <Field {...given} name="username" autoComplete="username webauthn" autoCapitalize="none" spellCheck={false} autoFocus onChange={(event) => onType(event.target.value)} />;
}

export function PasswordField({ onType, ...given }: Given & { readonly maxLength?: number }) {
  const w = useWords(words);
  const [isShown, setShown] = useState(false);
  return (
    <Field
      {...given}
      name="password"
      type={isShown ? 'text' : 'password'}
      autoComplete="current-password"
      onChange={(event) => onType(event.target.value)}
      after={<IconButton icon={isShown ? 'eye-off' : 'eye'} label={w.show} pressed={isShown} onClick={() => setShown(!isShown)} />}
    />
  );
}

/** @param wrong another value for each code that was refused; undefined: none was @param onWhole undefined: what is typed is not a phone's, and is sent by the button */
export function CodeField({ onType, onWhole, wrong, ...given }: Given & { readonly hint?: string; readonly wrong: unknown; readonly onWhole: ((code: string) => void) | undefined }) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  useEffect(() => {
    if (wrong !== undefined) input.current?.select();
  }, [wrong]);
  return (
    <Field
      {...given}
      ref={input}
      name="code"
      inputMode={onWhole === undefined ? 'text' : 'numeric'}
      autoComplete={onWhole === undefined ? 'off' : 'one-time-code'}
      autoCapitalize="none"
      spellCheck={false}
      maxLength={onWhole === undefined ? 40 : 20}
      onChange={(event) => {
        onType(event.target.value);
        const whole = wholeCode(event.target.value);
        if (whole !== undefined) onWhole?.(whole);
      }}
    />
  );
}
