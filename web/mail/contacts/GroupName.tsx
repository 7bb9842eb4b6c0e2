/** Asks for another name of a group. */
import { useState } from 'react';
import { Button } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { Field } from '#ui/Field.tsx';
import { useWords } from '#ui/words.ts';
import { words } from './words.ts';

export function GroupName({ name, onClose, onSave }: { readonly name: string; readonly onClose: () => void; readonly onSave: (name: string) => Promise<void> }) {
  const w = useWords(words);
  const [typed, setTyped] = useState(name);
  const next = typed.trim();
  return (
    <Dialog
      title={w.renameGroup}
      onClose={onClose}
      acts={
        <>
          <Button kind="quiet" onClick={onClose}>{w.cancel}</Button>
          <Button kind="main" disabled={next === '' || next === name} onClick={() => void onSave(next)}>{w.save}</Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (next !== '' && next !== name) void onSave(next);
        }}
      >
        <Field label={w.groupName} value={typed} maxLength={100} onChange={(event) => setTyped(event.target.value)} />
      </form>
    </Dialog>
  );
}
