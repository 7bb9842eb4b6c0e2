/** Incidents that people declared: what is open, what is over, and one of them with its updates and its cases. */
import { useState } from 'react';
import { Link } from 'wouter';
import { Button } from '#ui/Button.tsx';
import { Icon } from '#ui/Icon.tsx';
import { sentenceOf } from '#ui/staff/ask.ts';
import { useMay } from '#ui/staff/who.ts';
import { useWords } from '#ui/words.ts';
import type { Declared } from '#incident/declared/api.ts';
import { moment } from '../screen/times.ts';
import { Chip, Nothing } from '../ui/Section.tsx';
import { useListKeys } from '../ui/use-list-keys.ts';
import { Declare } from './Declare.tsx';
import { IncidentView } from './IncidentView.tsx';
import { useDeclared } from './queries.ts';
import { words } from './words.ts';
import styles from './Incidents.module.css';

export function IncidentsPage({ incidentId }: { readonly incidentId: string | undefined }) {
  return incidentId === undefined ? <All /> : <IncidentView key={incidentId} incidentId={incidentId} />;
}

function All() {
  const w = useWords(words);
  const may = useMay();
  const { data, error } = useDeclared();
  const [isDeclaring, setDeclaring] = useState(false);
  const list = useListKeys<HTMLDivElement>();
  const now = Date.now();
  const open = data?.declared.filter(({ endedAt }) => endedAt === undefined) ?? [];
  const past = data?.declared.filter(({ endedAt }) => endedAt !== undefined) ?? [];
  return (
    <div className={styles['page']} ref={list}>
      <header className={styles['head']}>
        <h1>{w.title}</h1>
        {may('incident.declare') ? <Button kind="main" icon="plus" onClick={() => setDeclaring(true)}>{w.declare}</Button> : <p className={styles['quiet']}>{w.notLead}</p>}
      </header>
      {data?.site === false && <p className={styles['note']}><Icon name="info" size={18} />{w.noSite}</p>}
      {data === undefined ? <p role="status">{error === null ? w.loading : sentenceOf(error, w.notRead)}</p> : (
        <>
          <h2>{w.open}</h2>
          {open.length === 0 ? <Nothing>{w.none}</Nothing> : <Lines incidents={open} now={now} />}
          {past.length > 0 && <h2>{w.past}</h2>}
          {past.length > 0 && <Lines incidents={past} now={now} />}
        </>
      )}
      {isDeclaring && <Declare onClose={() => setDeclaring(false)} />}
    </div>
  );
}

function Lines({ incidents, now }: { readonly incidents: readonly Declared[]; readonly now: number }) {
  const w = useWords(words);
  return (
    <ul className={styles['list']}>
      {incidents.map(({ id, title, state, impact, components, beganAt, endedAt, openedBy }) => (
        <li key={id} data-impact={endedAt === undefined ? impact : undefined}>
          <Link href={`/incidents/${id}`} className={styles['name']}>{title}</Link>
          <Chip tone={endedAt === undefined ? (impact === 'minor' ? 'warm' : 'bad') : 'good'}>{w[state].split(':')[0]}</Chip>
          <small>{components.map((each) => w[each]).join(', ')}; {endedAt === undefined ? w.began(moment(beganAt, now), openedBy.replace(/^staff:/, '')) : w.ended(moment(endedAt, now))}</small>
        </li>
      ))}
    </ul>
  );
}
