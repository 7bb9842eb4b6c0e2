/** The second step: the code that the phone shows, or a recovery code. A whole code is sent without a button. */
import { useState } from 'react';
import { Button } from '#ui/Button.tsx';
import { CodeField } from '#ui/sign-in/fields.tsx';
import { SignInForm } from '#ui/sign-in/SignInCard.tsx';
import { useWords } from '#ui/words.ts';
import type { Told } from './use-sign-in.ts';
import { words } from './words.ts';
import styles from './SignIn.module.css';

export function CodeStep({ isBusy, told, onCode, onTyped, onBack }: { readonly isBusy: boolean; readonly told: Told | undefined; readonly onCode: (code: string) => void; readonly onTyped: () => void; readonly onBack: () => void }) {
  const w = useWords(words);
  const [isRecovery, setRecovery] = useState(false);
  const [code, setCode] = useState('');
  return (
    <>
      <SignInForm
        onSubmit={() => {
          if (code.trim() !== '') onCode(code);
        }}
      >
        <CodeField
          key={String(isRecovery)}
          label={isRecovery ? w.recovery : w.code}
          hint={isRecovery ? w.recoveryHint : w.codeHint}
          wrong={told?.code === 'code' || told?.code === 'code-used' ? told : undefined}
          value={code}
          onType={(typed) => {
            setCode(typed);
            onTyped();
          }}
          onWhole={isRecovery ? undefined : (whole) => void (isBusy || onCode(whole))}
        />
        <Button kind="main" type="submit" wide busy={isBusy}>
          {w.goOn}
        </Button>
      </SignInForm>
      <p className={styles['foot']}>
        <Button
          kind="quiet"
          onClick={() => {
            setCode('');
            setRecovery(!isRecovery);
          }}
        >
          {isRecovery ? w.byPhone : w.byRecovery}
        </Button>
        <Button kind="quiet" icon="back" onClick={onBack}>
          {w.back}
        </Button>
      </p>
    </>
  );
}
