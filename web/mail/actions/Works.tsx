/** Bars of what takes a while, each with a way to stop it. */
import { Button } from '#ui/Button.tsx';
import { useWords } from '#ui/words.ts';
import { useWorks } from './work.ts';
import { words } from './words.ts';
import styles from './Works.module.css';

export function Works() {
  const works = useWorks();
  const w = useWords(words);
  return (
    <div className={styles['works']}>
      {works.map(({ label, progress, stop }, n) => {
        const at = progress === undefined ? undefined : progress.done + progress.failed;
        return (
          <div key={n} className={styles['work']}>
            <div>
              <span>{label}</span>
              <span role="status">{progress !== undefined && w.progress(at ?? 0, progress.total)}</span>
              <progress aria-label={label} max={progress?.total} value={at} />
            </div>
            <Button kind="plain" onClick={stop}>
              {w.stop}
            </Button>
          </div>
        );
      })}
    </div>
  );
}
