/** What is shown once, to be read out or sent: it is nowhere else. */
import { Button } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { useWords } from '#ui/words.ts';
import type { ActShown } from '#desk/acts/api.ts';
import { moment } from '../screen/times.ts';
import { words } from './words.ts';
import styles from './ActDialog.module.css';

export type ShownOnce = Extract<ActShown, { kind: 'app-password' | 'reset-link' }>;

export const isShownOnce = (shown: ActShown): shown is ShownOnce => shown.kind === 'app-password' || shown.kind === 'reset-link';

/** @param onUndo takes it back: nobody has used it yet */
export function Shown({ title, shown, onUndo, onClose }: { readonly title: string; readonly shown: ShownOnce; readonly onUndo: () => void; readonly onClose: () => void }) {
  const w = useWords(words);
  return (
    <Dialog title={title} onClose={onClose} acts={<><Button kind="quiet" icon="undo" onClick={onUndo}>{w.undo}</Button><Button kind="main" onClick={onClose} autoFocus>{w.close}</Button></>}>
      <div className={styles['form']}>
        <p>{shown.kind === 'app-password' ? w.once : w.link(moment(shown.expiresAt, Date.now()))}</p>
        <p className={styles['secret']} data-long={shown.kind === 'reset-link' || undefined}>{shown.kind === 'app-password' ? shown.secret : (shown.url ?? shown.token)}</p>
      </div>
    </Dialog>
  );
}
