/** For who has forgotten the password: how a link is had that sets a new one, and where it is used. */
import { useState } from 'react';
import { Button } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { Field } from '#ui/Field.tsx';
import { SignInForm } from '#ui/sign-in/SignInCard.tsx';
import { useWords } from '#ui/words.ts';
import { resetToken } from './waiting.ts';
import { words } from './words.ts';

export function Forgotten({ reset, onClose }: { readonly reset: string; readonly onClose: () => void }) {
  const w = useWords(words);
  const [pasted, setPasted] = useState('');
  const [fault, setFault] = useState<string>();
  return (
    <Dialog title={w.forgotten} onClose={onClose}>
      <SignInForm
        onSubmit={() => {
          const token = resetToken(pasted);
          if (token === undefined) setFault(w.noLink);
          else location.assign(`${reset}/reset/${token}`);
        }}
      >
        <p>{w.forgottenText}</p>
        <Field label={w.link} name="link" autoComplete="off" spellCheck={false} fault={fault} value={pasted} onChange={(event) => (setPasted(event.target.value), setFault(undefined))} />
        <Button kind="main" type="submit" wide>
          {w.goOn}
        </Button>
      </SignInForm>
    </Dialog>
  );
}
