/** A question with two answers. */
import { Button } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';

export type Question = { readonly title: string; readonly text: string; readonly yes: string; readonly no: string; readonly isBad?: boolean; readonly run: () => void };

export function Asking({ question: { title, text, yes, no, isBad = false, run }, onClose }: { readonly question: Question; readonly onClose: () => void }) {
  return (
    <Dialog
      title={title}
      onClose={onClose}
      acts={
        <>
          <Button onClick={onClose}>{no}</Button>
          <Button
            kind={isBad ? 'danger' : 'main'}
            onClick={() => {
              onClose();
              run();
            }}
          >
            {yes}
          </Button>
        </>
      }
    >
      <p>{text}</p>
    </Dialog>
  );
}
