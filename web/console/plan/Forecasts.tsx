/** How the forecast changed, as a picture: what was said when, narrowing towards the end; and how good earlier ones were. */
import type { ConsoleState, ForecastShape } from '#cutover/api.ts';
import { useWords } from '#ui/words.ts';
import { Facts, Nothing, Panel } from '../ui/Panel.tsx';
import { clockOf } from '../ui/times.ts';
import { words } from './words.ts';
import styles from './Forecasts.module.css';

/** Of fewer ends a share says nothing. */
const FEW = 5;
const SIZE = { width: 360, height: 150 };

export function Forecasts({ state }: { readonly state: ConsoleState }) {
  const w = useWords(words);
  const { record, restoration } = state;
  const now = Date.parse(state.at);
  return (
    <Panel title={w.revisions}>
      {state.revisions.length === 0 ? <Nothing>{w.tooEarly}</Nothing> : <Fan revisions={state.revisions.toReversed()} endedAt={state.plan?.endedAt ?? null} now={now} />}
      {restoration !== null && <Facts facts={[[w.restoration, w.restorationText(restoration.basis.left, clockOf(restoration.fromAt, now), clockOf(restoration.toAt, now))]]} />}
      <p className={styles['record']}>{record.ended < FEW ? w.noRecord : `${w.record(record.within, record.ended)}${record.medianError === null ? '' : ` ${w.error(Math.round(record.medianError * 100))}`}`}</p>
    </Panel>
  );
}

function Fan({ revisions, endedAt, now }: { readonly revisions: readonly ForecastShape[]; readonly endedAt: string | null; readonly now: number }) {
  const w = useWords(words);
  const first = Date.parse(revisions[0]!.madeAt);
  const last = Math.max(endedAt === null ? now : Date.parse(endedAt), first + 1_000);
  // One outlier at the beginning would flatten all that follows.
  const ends = revisions.map(({ toAt }) => Date.parse(toAt)).sort((a, b) => a - b);
  const top = Math.max(last, ends[Math.floor(ends.length * 0.9)]!, Date.parse(revisions.at(-1)!.toAt));
  const bottom = Math.min(first, ...revisions.map(({ fromAt }) => Date.parse(fromAt)));
  const x = (at: number): number => ((at - first) / (last - first)) * SIZE.width;
  const y = (at: number): number => SIZE.height - ((Math.min(at, top) - bottom) / Math.max(1, top - bottom)) * SIZE.height;
  const point = (at: string, end: string): string => `${x(Date.parse(at)).toFixed(1)},${y(Date.parse(end)).toFixed(1)}`;
  const band = [...revisions.map(({ madeAt, toAt }) => point(madeAt, toAt)), ...revisions.toReversed().map(({ madeAt, fromAt }) => point(madeAt, fromAt))].join(' ');
  const latest = revisions.at(-1)!;
  return (
    <figure className={styles['fan']}>
      <svg viewBox={`0 0 ${SIZE.width} ${SIZE.height}`} role="img" aria-label={w.revisionsText(revisions.length, clockOf(latest.fromAt, now), clockOf(latest.toAt, now))} preserveAspectRatio="none">
        <polygon className={styles['band']} points={band} />
        <polyline className={styles['likely']} points={revisions.map(({ madeAt, likelyAt }) => point(madeAt, likelyAt)).join(' ')} />
        {/* Where what is said to end is now: the range closes on it. */}
        <line className={styles['now']} x1={0} y1={y(first)} x2={SIZE.width} y2={y(last)} />
        {endedAt !== null && <line className={styles['truth']} x1={0} y1={y(Date.parse(endedAt))} x2={SIZE.width} y2={y(Date.parse(endedAt))} />}
      </svg>
      <figcaption>
        <span>{`${w.saidAt} ${clockOf(revisions[0]!.madeAt, now, true)}`}</span>
        <span>{`${w.endAt} ${clockOf(new Date(bottom).toISOString(), now)} – ${clockOf(new Date(top).toISOString(), now)}`}</span>
        <span>{clockOf(new Date(last).toISOString(), now, true)}</span>
      </figcaption>
    </figure>
  );
}
