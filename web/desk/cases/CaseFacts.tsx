/** Whose case it is, who has it, its clocks, its incident, and the screen as it was. */
import { useState } from 'react';
import { Link } from 'wouter';
import { Button } from '#ui/Button.tsx';
import { Select } from '#ui/Select.tsx';
import { sentenceOf } from '#ui/staff/ask.ts';
import { showToast } from '#ui/toasts.ts';
import { useWords } from '#ui/words.ts';
import { type CaseSeen, type EvidenceKept, PRIORITIES } from '#desk/cases/api.ts';
import { useOpenIncidents } from '../incidents/queries.ts';
import { moment } from '../screen/times.ts';
import { Chip, Facts, Section } from '../ui/Section.tsx';
import { dueOf } from './due.ts';
import { Frozen } from './Frozen.tsx';
import { useCaseAct } from './queries.ts';
import { words } from './words.ts';
import styles from './CasePage.module.css';

export function CaseFacts({ seen, now, isLive }: { readonly seen: CaseSeen; readonly now: number; readonly isLive: boolean }) {
  const w = useWords(words);
  const { case: line, evidence, merged } = seen;
  const act = useCaseAct(line.id);
  const [shown, setShown] = useState<EvidenceKept>();
  const { data: open = [] } = useOpenIncidents(isLive);
  const due = dueOf(line, now);
  const change = (verb: string, body: object): void => void act(verb, body).catch((error: unknown) => showToast({ text: sentenceOf(error, w.failed), kind: 'bad' }));
  const known = open.some(({ id }) => id === line.incidentId) || line.incidentId === undefined ? [] : [[line.incidentId, w.incident] as const];
  return (
    <aside className={styles['facts']} aria-label={w.state}>
      <Section title={w.account} icon="person">
        {line.account === undefined ? <p>{w.noAccount}</p> : <p><Link href={`/account/${line.account.id}`}>{line.account.name ?? line.account.address}</Link></p>}
        <Facts
          facts={[
            [w.state, <Chip key="state" tone={line.state === 'open' ? 'accent' : 'plain'}>{line.state}</Chip>],
            [w.level, String(line.level)],
            [w.assignee, line.assignee ?? w.nobody],
            [w.due, due && <span className={styles['due']} data-late={due.isLate || undefined}>{due.text}</span>],
            [w.callBack, line.callBack && w.promised(moment(line.callBack.at, now), line.callBack.phone)],
          ]}
        />
        {isLive && <Select label={w.priority} value={line.priority} options={PRIORITIES.map((each) => [each, each] as const)} onChange={(priority) => change('priority', { priority })} />}
        {isLive && <Select label={w.incident} value={line.incidentId ?? ''} options={[['', w.noIncident] as const, ...known, ...open.map(({ id, title }) => [id, title] as const)]} onChange={(incident) => change('incident', { incident: incident === '' ? null : incident })} />}
      </Section>
      {evidence.length > 0 && (
        <Section title={w.evidence} icon="eye">
          <ul className={styles['kept']}>
            {evidence.map((each) => (
              <li key={each.id}><Button kind="quiet" onClick={() => setShown(each)}>{each.why === 'opened' ? w.openedEvidence(moment(each.at, now)) : w.escalatedEvidence(moment(each.at, now))}</Button></li>
            ))}
          </ul>
        </Section>
      )}
      {merged.length > 0 && (
        <Section title={w.mergedFrom} icon="forward">
          <ul>{merged.map((id) => <li key={id}><Link href={`/cases/${id}`}>{w.number(id)}</Link></li>)}</ul>
        </Section>
      )}
      {shown !== undefined && <Frozen caseId={line.id} kept={shown} onClose={() => setShown(undefined)} />}
    </aside>
  );
}
