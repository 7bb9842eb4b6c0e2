/** What is shown while nothing else can be: quietly at first, and with the truth when it takes longer. */
import { useWords } from '#ui/words.ts';
import { words } from './words.ts';
import styles from './Waiting.module.css';

export function Waiting({ since }: { readonly since: 'start' | 'outage' }) {
  const w = useWords(words);
  return (
    <main className={styles['waiting']}>
      <div className={styles['tide']} aria-hidden="true">
        <i />
        <i />
        <i />
      </div>
      <p role="status">{since === 'start' ? w.opening : w.outage}</p>
    </main>
  );
}
