/** The gates: what each reads now, its limit, and how it was over time; beside them those who have moved and those who have not. */
import type { Comparison, ConsoleState, GateShape } from '#cutover/api.ts';
import { number, useWords } from '#ui/words.ts';
import { Chip, Nothing, Panel } from '../ui/Panel.tsx';
import { lengthOf } from '../ui/times.ts';
import { Line } from './Line.tsx';
import { GATES, words } from './words.ts';
import styles from './Gates.module.css';

const TONES = { clean: 'good', passed: 'bad', 'too little data': 'plain' } as const;

export function Gates({ state }: { readonly state: ConsoleState }) {
  const w = useWords(words);
  return (
    <Panel title={w.gates} command="goGates">
      {state.gates.length === 0 ? (
        <Nothing>{w.noGates}</Nothing>
      ) : (
        <ul className={styles['gates']}>
          {state.gates.map((gate) => (
            <Gate key={gate.name} gate={gate} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function said(gate: GateShape['name'], value: number): string {
  if (gate === 'unavailable sign-ins' || gate === 'desk load') return percent(value);
  return gate === 'reverse-follow lag' ? lengthOf(value * 1_000) : number(value);
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

function Gate({ gate }: { readonly gate: GateShape }) {
  const w = useWords(words);
  const { name, state, value, limit, series } = gate;
  const known = series.flatMap((each) => each.value ?? []);
  const label = known.length === 0 ? w.seriesNone(GATES[name]) : w.series(GATES[name], said(name, Math.max(...known)), said(name, limit));
  return (
    <li className={styles['gate']}>
      <h3>{GATES[name]}</h3>
      <p className={styles['now']}>
        <b>{value === null ? '–' : said(name, value)}</b>
        <Chip tone={TONES[state]}>{w[state]}</Chip>
      </p>
      <Line label={label} series={[{ kind: 'ours', values: series.map((each) => each.value) }]} limit={limit} />
      <p className={styles['limit']}>{w.limit(said(name, limit))}</p>
    </li>
  );
}

type Bucket = Comparison['moved'][number];

export function Compare({ comparison }: { readonly comparison: Comparison }) {
  const w = useWords(words);
  const sum = (of: readonly Bucket[], key: 'signIns' | 'unavailable' | 'rejected' | 'falseRejections'): number => of.reduce((total, each) => total + each[key], 0);
  const shareOf = (key: 'unavailable' | 'rejected') => (each: Bucket): number | null => (each.signIns === 0 ? null : each[key] / each.signIns);
  const whole = (of: readonly Bucket[], key: 'unavailable' | 'rejected'): string => (sum(of, 'signIns') === 0 ? '–' : percent(sum(of, key) / sum(of, 'signIns')));
  const rows = [
    { name: w.signIns, of: (each: Bucket): number | null => each.signIns, total: (of: readonly Bucket[]) => number(sum(of, 'signIns')), least: 4 },
    { name: w.unserved, of: shareOf('unavailable'), total: (of: readonly Bucket[]) => whole(of, 'unavailable'), least: 0.02 },
    { name: w.rejected, of: shareOf('rejected'), total: (of: readonly Bucket[]) => whole(of, 'rejected'), least: 0.02 },
    { name: w.falseRejections, of: (each: Bucket): number | null => each.falseRejections, total: (of: readonly Bucket[]) => number(sum(of, 'falseRejections')), least: 2 },
  ];
  return (
    <Panel title={w.compare} aside={w.per(lengthOf(comparison.bucketSeconds * 1_000))}>
      <ul className={styles['pairs']}>
        {rows.map(({ name, of, total, least }) => (
          <li key={name} className={styles['pair']}>
            <h3>{name}</h3>
            <Line label={w.pair(name, total(comparison.moved), total(comparison.notYet))} least={least} series={[{ kind: 'theirs', values: comparison.notYet.map(of) }, { kind: 'ours', values: comparison.moved.map(of) }]} />
            <p className={styles['totals']}>
              <span className={styles['ours']}>{`${w.moved} ${total(comparison.moved)}`}</span>
              <span className={styles['theirs']}>{`${w.notYet} ${total(comparison.notYet)}`}</span>
            </p>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
