/** What is attached, and what is on its way: each with its size, its progress, and a way to take it out. */
import { IconButton } from '#ui/Button.tsx';
import { classes } from '#ui/classes.ts';
import { Icon } from '#ui/Icon.tsx';
import { sizeText } from '#ui/size-text.ts';
import { useLanguage, useWords } from '#ui/words.ts';
import type { Sending } from './attaching.ts';
import type { Attached } from './message.ts';
import { words } from './words.ts';
import styles from './Attachments.module.css';

export function Attachments({ files, uploads, onRemove, onAgain }: { readonly files: readonly Attached[]; readonly uploads: readonly Sending[]; readonly onRemove: (id: string) => void; readonly onAgain: (id: string) => void }) {
  const w = useWords(words);
  const language = useLanguage();
  if (files.length === 0 && uploads.length === 0) return null;
  const percent = (part: number): string => new Intl.NumberFormat(language, { style: 'percent' }).format(part);
  return (
    <ul className={styles['files']} aria-label={w.attachments}>
      {files.map(({ id, name, size, type }) => (
        <li key={id} className={styles['file']}>
          <Icon name={type.startsWith('image/') ? 'image' : type === 'message/rfc822' ? 'mail' : 'file'} size={18} />
          <span className={styles['name']} dir="auto">{name}</span>
          <span className={styles['size']}>{sizeText(size, language)}</span>
          <IconButton icon="close" size={14} label={w.remove(name)} onClick={() => onRemove(id)} />
        </li>
      ))}
      {uploads.map(({ id, file, part, fault, isWaiting }) => (
        <li key={id} className={classes(styles['file'], fault !== undefined && !isWaiting && styles['failed'])}>
          <Icon name={fault === undefined || isWaiting ? 'upload' : 'warning'} size={18} />
          <span className={styles['name']} dir="auto">{file.name}</span>
          {fault === undefined ? (
            <progress value={part} max={1} aria-label={w.uploading(file.name, percent(part))} />
          ) : (
            <span role="alert" title={fault.sentence}>
              {isWaiting ? w.uploadWaits : w.uploadFailed}
            </span>
          )}
          {fault !== undefined && <IconButton icon="refresh" size={14} label={`${w.again}: ${file.name}`} onClick={() => onAgain(id)} />}
          <IconButton icon="close" size={14} label={w.remove(file.name)} onClick={() => onRemove(id)} />
        </li>
      ))}
    </ul>
  );
}
