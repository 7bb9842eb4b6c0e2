/** A picture that came with a mail, large. */
import { Dialog } from '#ui/Dialog.tsx';
import { Icon } from '#ui/Icon.tsx';
import { useWords } from '#ui/words.ts';
import { words } from './words.ts';
import styles from './Attachments.module.css';

export function Preview({ url, name, onClose }: { readonly url: string; readonly name: string; readonly onClose: () => void }) {
  const w = useWords(words);
  return (
    <Dialog
      title={name}
      wide
      onClose={onClose}
      acts={
        <a className={styles['save']} href={url} download={name}>
          <Icon name="download" size={18} /> {w.download}
        </a>
      }
    >
      <img className={styles['large']} src={url} alt={name} />
    </Dialog>
  );
}
