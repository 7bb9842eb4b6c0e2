/** How the draft stands, and what went wrong, in words. */
import { Button } from '#ui/Button.tsx';
import { classes } from '#ui/classes.ts';
import { Icon } from '#ui/Icon.tsx';
import { useLanguage, useWords } from '#ui/words.ts';
import { troubleText } from './trouble-text.ts';
import { words } from './words.ts';
import type { WritingState } from './writing-state.ts';
import styles from './Notices.module.css';

/** For the eye only: said aloud every few seconds it would be a plague. */
export function SaveStatus({ save }: Pick<WritingState, 'save'>) {
  const w = useWords(words);
  const language = useLanguage();
  const text = save.kind === 'saving' ? w.saving : save.kind === 'saved' ? w.saved(new Intl.DateTimeFormat(language, { timeStyle: 'short' }).format(save.at)) : save.kind === 'dirty' ? w.dirty : '';
  return (
    <span className={styles['quiet']} data-save={save.kind}>
      {text}
    </span>
  );
}

export function Notices({ state: { save, otherId, trouble, lost }, onKeepOurs, onTakeOther }: { readonly state: WritingState; readonly onKeepOurs: () => void; readonly onTakeOther: (emailId: string) => void }) {
  const w = useWords(words);
  const loud = save.kind === 'waiting' ? w.waiting : save.kind === 'refused' ? (save.sentence === '' ? w.refusedSave : `${w.refusedSave} ${save.sentence}`) : undefined;
  return (
    <div role="alert">
        {trouble !== undefined && <Notice text={troubleText(trouble, w)} isBad />}
        {lost.length > 0 && <Notice text={w.lost(lost.join(', '))} isBad />}
        {loud !== undefined && <Notice text={loud} isBad={save.kind === 'refused'} />}
        {save.kind === 'conflict' && (
          <Notice text={otherId === undefined ? w.conflictGone : w.conflictOther} isBad>
            {otherId !== undefined && <Button onClick={() => onTakeOther(otherId)}>{w.takeOther}</Button>}
            <Button onClick={onKeepOurs}>{w.keepMine}</Button>
          </Notice>
        )}
    </div>
  );
}

function Notice({ text, isBad = false, children }: { readonly text: string; readonly isBad?: boolean; readonly children?: React.ReactNode }) {
  return (
    <div className={classes(styles['notice'], isBad && styles['bad'])}>
      <Icon name={isBad ? 'warning' : 'info'} size={18} />
      <p>{text}</p>
      {children !== undefined && <span className={styles['acts']}>{children}</span>}
    </div>
  );
}
