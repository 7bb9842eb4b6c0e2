/** A line at the top of a page about what takes long: said when it appears, and no place is left when it goes. */
import { classes } from './classes.ts';
import { Icon } from './Icon.tsx';
import styles from './StatusLine.module.css';

/** @param text undefined: there is nothing to say @param kind `warm` of what is not as it should be */
export function StatusLine({ text, kind }: { readonly text: string | undefined; readonly kind: 'calm' | 'warm' }) {
  return (
    <div role="status" className={styles['place']}>
      {text !== undefined && (
        <p className={classes(styles['line'], styles[kind])}>
          <Icon name="clock" size={18} />
          {text}
        </p>
      )}
    </div>
  );
}
