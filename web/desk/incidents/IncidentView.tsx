/** One incident: its updates, its cases, and the place where an update is written once for all of them. */
import { Link } from 'wouter';
import { sentenceOf } from '#ui/staff/ask.ts';
import { useMay } from '#ui/staff/who.ts';
import { useWords } from '#ui/words.ts';
import { CaseList } from '../cases/CaseList.tsx';
import { useCases } from '../cases/queries.ts';
import { moment } from '../screen/times.ts';
import { Chip, Section } from '../ui/Section.tsx';
import { useIncident } from './queries.ts';
import { words } from './words.ts';
import { WriteUpdate } from './WriteUpdate.tsx';
import styles from './Incidents.module.css';

export function IncidentView({ incidentId }: { readonly incidentId: string }) {
  const w = useWords(words);
  const may = useMay();
  const { data, error } = useIncident(incidentId);
  const { data: cases } = useCases('all', { incident: incidentId });
  if (data === undefined) return <p role="status">{error === null ? w.loading : sentenceOf(error, w.notRead)}</p>;
  const { declared, updates } = data;
  const now = Date.now();
  const isOver = declared.endedAt !== undefined;
  return (
    <div className={styles['page']}>
      <p><Link href="/incidents">{w.back}</Link></p>
      <header className={styles['head']}>
        <h1>{declared.title}</h1>
        <Chip tone={isOver ? 'good' : declared.impact === 'minor' ? 'warm' : 'bad'}>{w[declared.state].split(':')[0]}</Chip>
        <p className={styles['quiet']}>{declared.components.map((each) => w[each]).join(', ')}; {declared.endedAt === undefined ? w.began(moment(declared.beganAt, now), declared.openedBy.replace(/^staff:/, '')) : w.ended(moment(declared.endedAt, now))}</p>
      </header>
      <div className={styles['columns']}>
        <div className={styles['column']}>
          {!isOver && (may('incident.update') ? <WriteUpdate declared={declared} cases={cases?.cases ?? []} hasMore={cases?.next !== undefined} /> : <p className={styles['quiet']}>{w.notLead}</p>)}
          <Section title={w.cases} icon="list" aside={cases?.next === undefined ? undefined : w.more}>
            <CaseList cases={cases?.cases ?? []} />
          </Section>
        </div>
        <Section title={w.updates} icon="clock">
          <ol className={styles['updates']}>
            {updates.toReversed().map(({ id, at, state, text, by }) => (
              <li key={id}>
                <p><b>{w[state].split(':')[0]}</b> <small>{moment(at, now)}, {by.replace(/^staff:/, '')}</small></p>
                <p className={styles['text']}>{text}</p>
              </li>
            ))}
          </ol>
        </Section>
      </div>
    </div>
  );
}
