/** Asks before what cannot be undone. */
import type { ReactNode } from 'react';
import { Button } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { useWords } from '#ui/words.ts';
import { words } from './words.ts';

export function Confirm({ title, act, children, onYes, onClose }: { readonly title: string; /** What the button says that does it. */ readonly act: string; readonly children: ReactNode; readonly onYes: () => void; readonly onClose: () => void }) {
  const w = useWords(words);
  return (
    <Dialog
      title={title}
      onClose={onClose}
      acts={
        <>
          <Button onClick={onClose} autoFocus>
            {w.cancel}
          </Button>
          <Button
            kind="danger"
            onClick={() => {
              onClose();
              onYes();
            }}
          >
            {act}
          </Button>
        </>
      }
    >
      <p>{children}</p>
    </Dialog>
  );
}
