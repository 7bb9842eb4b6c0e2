/** What customers waited in holds, and how far former homes are behind: what a rollback from a dead home would miss. */
import type { ConsoleState } from '#cutover/api.ts';
import { number, useWords } from '#ui/words.ts';
import { Facts, Nothing, Panel } from '../ui/Panel.tsx';
import { lengthOf, msOf } from '../ui/times.ts';
import { words } from './words.ts';
import styles from './Moves.module.css';

const SIZE = { width: 300, height: 60 };

export function Holds({ holds, lag }: Pick<ConsoleState, 'holds' | 'lag'>) {
  const w = useWords(words);
  const { count, p50, p95, longest, recent } = holds;
  const top = Math.max(1, ...recent);
  const wide = SIZE.width / Math.max(30, recent.length);
  return (
    <>
      <Panel title={w.holds} aside={count === 0 ? undefined : w.count(count)}>
        {p50 === null || p95 === null || longest === null ? (
          <Nothing>{w.noHolds}</Nothing>
        ) : (
          <>
            <Facts facts={[[w.half, msOf(p50)], [w.most, msOf(p95)], [w.longest, msOf(longest)]]} />
            <svg className={styles['holds']} viewBox={`0 0 ${SIZE.width} ${SIZE.height}`} preserveAspectRatio="none" role="img" aria-label={w.recent(recent.length, msOf(top))}>
              {recent.map((ms, at) => (
                <rect key={at} x={at * wide} width={Math.max(1, wide * 0.7)} y={SIZE.height - (ms / top) * SIZE.height} height={(ms / top) * SIZE.height} />
              ))}
            </svg>
          </>
        )}
      </Panel>
      <Panel title={w.lag}>
        {lag.following === 0 ? (
          <Nothing>{w.noLag}</Nothing>
        ) : (
          <>
            <Facts facts={[[w.following_, number(lag.following)], [w.behind, lengthOf(lag.seconds * 1_000)]]} />
            <ul className={styles['lags']}>
              {lag.worst.map(({ address, seconds, error }) => (
                <li key={address}>
                  <span className={styles['address']}>{address}</span>
                  <span>{lengthOf(seconds * 1_000)}</span>
                  {error !== null && <small>{error}</small>}
                </li>
              ))}
            </ul>
          </>
        )}
      </Panel>
    </>
  );
}
