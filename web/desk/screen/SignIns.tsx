/** Who tried to come in, from where and with what, and what became of it. */
import { useState } from 'react';
import { Button } from '#ui/Button.tsx';
import { useWords } from '#ui/words.ts';
import type { Evidence } from '#desk/screen/api.ts';
import { Chip, Nothing, Section } from '../ui/Section.tsx';
import { faultOf, howOf, outcomeOf, reasonOf } from './plain.ts';
import { often } from './times.ts';
import { words } from './words.ts';
import lines from './Lines.module.css';
import styles from './SignIns.module.css';

/** What fits on one screen beside all else. */
const FIRST = 8;

export function SignIns({ signIns, door, now }: { readonly signIns: Evidence['signIns']; readonly door: Evidence['door']; readonly now: number }) {
  const w = useWords(words);
  const [isAll, setAll] = useState(false);
  const shown = isAll ? signIns : signIns.slice(0, FIRST);
  return (
    <Section title={w.signIns} icon="key">
      {signIns.length === 0 ? <Nothing>{w.signInsNone}</Nothing> : (
        <table className={styles['table']}>
          <thead className="unseen">
            <tr><th scope="col">{w.result}</th><th scope="col">{w.device2}</th><th scope="col">{w.network}</th><th scope="col">{w.when}</th></tr>
          </thead>
          <tbody>
            {shown.map((row, n) => {
              const outcome = outcomeOf(row);
              const reason = reasonOf(row);
              return (
                <tr key={n}>
                  <td><Chip tone={outcome.tone}>{outcome.text}</Chip>{reason !== '' && <small>{reason}</small>}</td>
                  <td title={row.device === '' ? undefined : row.device}><b>{row.deviceGuess}</b><small>{howOf(row)}</small></td>
                  <td className={styles['network']}>{row.network}</td>
                  <td className={styles['when']}>{often(row.times, row.firstAt, row.lastAt, now)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
      {!isAll && signIns.length > FIRST && <div><Button kind="quiet" onClick={() => setAll(true)}>{w.more(signIns.length - FIRST)}</Button></div>}
      {door.length > 0 && (
        <div className={lines['group']}>
          <h3>{w.door}</h3>
          <ul className={lines['lines']}>
            {door.map((row, n) => <li key={n}><b>{row.network}</b> {faultOf(row)}, {often(row.times, row.firstAt, row.lastAt, now)}</li>)}
          </ul>
          <small className={lines['under']}>{w.doorHint}</small>
        </div>
      )}
    </Section>
  );
}
