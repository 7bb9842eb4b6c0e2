/** Asks before a link is followed whose words promise another place. */
import { Button } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { useWords } from '#ui/words.ts';
import { words } from './words.ts';

export type Deceived = { readonly promised: string; readonly real: string; readonly href: string };

export function Deception({ promised, real, href, onClose }: Deceived & { readonly onClose: () => void }) {
  const w = useWords(words);
  return (
    <Dialog
      title={w.deceptionTitle}
      onClose={onClose}
      acts={
        <>
          <Button
            kind="danger"
            onClick={() => {
              window.open(href, '_blank', 'noopener,noreferrer');
              onClose();
            }}
          >
            {w.goThere(real)}
          </Button>
          <Button kind="main" onClick={onClose}>
            {w.stay}
          </Button>
        </>
      }
    >
      <p>{w.deceptionText(promised, real)}</p>
    </Dialog>
  );
}
