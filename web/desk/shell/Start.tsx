/** Before a call: the cursor is in the search; under it what is open now, what is one's own, and what waits for a second person. */
import { useEffect } from 'react';
import { Link } from 'wouter';
import { Button } from '#ui/Button.tsx';
import { useWords } from '#ui/words.ts';
import { WaitingActs } from '../acts/DeskActs.tsx';
import { CaseList } from '../cases/CaseList.tsx';
import { OwnPresence } from '../load/OwnPresence.tsx';
import { useCases } from '../cases/queries.ts';
import { useOpenIncidents } from '../incidents/queries.ts';
import { moment } from '../screen/times.ts';
import { Chip, Key, Section } from '../ui/Section.tsx';
import { runCommand } from './keymap.ts';
import lines from '../screen/Lines.module.css';
import { endCall } from './shift.ts';
import { words } from './words.ts';
import styles from './App.module.css';

export function Start() {
  const w = useWords(words);
  const { data: incidents = [] } = useOpenIncidents();
  const { data: mine } = useCases('mine');
  useEffect(() => {
    runCommand('find');
    endCall();
  }, []);
  return (
    <div className={styles['start']}>
      <div className={styles['welcome']}>
        <h1>{w.start}</h1>
        <p>{w.startHint}</p>
        <Button kind="quiet" icon="keyboard" onClick={() => runCommand('help')}>{w.startKeys}<Key>?</Key></Button>
      </div>
      <OwnPresence />
      {incidents.length > 0 && (
        <Section title={w.openIncidents} icon="warning">
          <ul className={lines['lines']}>
            {incidents.map(({ id, title, impact, beganAt }) => (
              <li key={id} className={lines['row']}><Link href={`/incidents/${id}`}>{title}</Link> <Chip tone={impact === 'minor' ? 'warm' : 'bad'}>{impact}</Chip> <small>{moment(beganAt, Date.now())}</small></li>
            ))}
          </ul>
        </Section>
      )}
      <WaitingActs />
      {mine !== undefined && mine.cases.length > 0 && (
        <section className={styles['mine']}>
          <h2>{w.mine}</h2>
          <CaseList cases={mine.cases} />
        </section>
      )}
    </div>
  );
}
