/** What is asked of the shift against what it can carry (Erlang C), and who is there. */
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { ask, sentenceOf } from '#ui/staff/ask.ts';
import { number, useWords } from '#ui/words.ts';
import type { Load } from '#desk/load/api.ts';
import { moment } from '../screen/times.ts';
import { Chip, Facts, Key, Nothing, Section } from '../ui/Section.tsx';
import { useShiftsNow } from '../shifts/queries.ts';
import { lineOf } from './line.ts';
import { OwnPresence } from './OwnPresence.tsx';
import { LINES, words } from './words.ts';
import styles from './LoadPage.module.css';

const EVERY_MS = 10_000;
const TONES = { available: 'good', busy: 'accent', break: 'plain' } as const;

export function LoadPage() {
  const w = useWords(words);
  const { data, error } = useQuery({ queryKey: ['load'], queryFn: ({ signal }) => ask<Load>('/api/desk/load', undefined, signal), refetchInterval: EVERY_MS });
  const { data: shifts } = useShiftsNow();
  if (data === undefined) return <p role="status">{error === null ? w.loading : sentenceOf(error, w.failed)}</p>;
  const line = lineOf(data);
  const calls = number(Math.round(data.callsPerHour));
  const capacity = number(Math.round(data.capacityPerHour));
  // What is beyond the capacity is still within the picture.
  const scale = Math.max(data.callsPerHour, data.capacityPerHour, 1) * 1.1;
  return (
    <div className={styles['page']}>
      <header className={styles['head']}>
        <h1>{w.title}</h1>
        <Link href="/shifts">{w.plan}<Key>g s</Key></Link>
      </header>
      <p className={styles['line']} data-line={line} role="status">{LINES[line]}</p>
      <Section title={w.calls} icon="bell">
        <svg className={styles['bar']} data-line={line} viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label={w.bar(calls, capacity)}>
          <rect width="100" height="6" />
          <rect data-part="" width={(data.callsPerHour / scale) * 100} height="6" />
          <rect data-limit="" x={(data.capacityPerHour / scale) * 100 - 0.2} width="0.4" height="6" />
        </svg>
        <p><b className={styles['big']}>{calls}</b> {w.capacity(capacity)}</p>
      </Section>
      <div className={styles['columns']}>
        <Section title={w.answering} icon="clock">
          <Facts
            facts={[
              [w.served, data.expected === undefined ? w.never : `${Math.round(data.expected.serviceLevel * 100)} %`],
              ['', data.expected && w.waits(data.expected.waitSeconds < 10 ? data.expected.waitSeconds.toFixed(1) : String(Math.round(data.expected.waitSeconds)))],
              [w.agents, <>{data.agents} <small>({w.needed(data.needed)})</small></>],
              [w.handling, <>{w.handlingValue((data.handlingSeconds / 60).toFixed(1))}{data.guessed && <small> ({w.guessed})</small>}</>],
              [w.cases, w.casesValue(number(Math.round(data.casesOpenedPerHour)), number(Math.round(data.casesClosedPerHour)))],
              ['', w.openCases(number(data.openCases))],
            ]}
          />
        </Section>
        <Section title={w.people} icon="people">
          <OwnPresence />
          {shifts === undefined || shifts.present.length === 0 ? <Nothing>{w.nobodyThere}</Nothing> : (
            <ul className={styles['people']}>
              {shifts.present.map(({ staff, level, presence, since }) => <li key={staff}><b>{staff}</b> <small>{w.level(level)}</small> <Chip tone={TONES[presence]}>{w[presence]}</Chip> <small>{w.since(moment(since, data.at))}</small></li>)}
            </ul>
          )}
          {shifts !== undefined && shifts.missing.length > 0 && <p>{w.missing}: {shifts.missing.join(', ')}</p>}
        </Section>
      </div>
    </div>
  );
}
