/** A figure over time as a small line, with its limit. What is not known is a gap. */
import { classes } from '#ui/classes.ts';
import { runsOf } from './runs.ts';
import styles from './Line.module.css';

export type LineSeries = { readonly values: readonly (number | null)[]; readonly kind: 'ours' | 'theirs' };

const SIZE = { width: 240, height: 56 };

/** @param label what it says, for those who hear the page */
export function Line({ label, series, limit, least = 0 }: { readonly label: string; readonly series: readonly LineSeries[]; readonly limit?: number; /** The top is never below this. */ readonly least?: number }) {
  const top = Math.max(least, (limit ?? 0) * 1.25, ...series.flatMap(({ values }) => values.map((value) => value ?? 0))) || 1;
  const y = (value: number): number => SIZE.height - 1 - (value / top) * (SIZE.height - 3);
  return (
    <svg className={styles['line']} viewBox={`0 0 ${SIZE.width} ${SIZE.height}`} preserveAspectRatio="none" role="img" aria-label={label}>
      {limit !== undefined && <line className={styles['limit']} x1={0} x2={SIZE.width} y1={y(limit)} y2={y(limit)} />}
      {series.map(({ values, kind }) =>
        runsOf(values).map(({ from, run }) => {
          const x = (at: number): number => values.length < 2 ? SIZE.width / 2 : (at / (values.length - 1)) * SIZE.width;
          const points = run.map((value, n) => `${x(from + n).toFixed(1)},${y(value).toFixed(1)}`);
          // One value alone is a short line: a point has no length.
          if (run.length === 1) points.push(`${(x(from) + 2).toFixed(1)},${y(run[0]!).toFixed(1)}`);
          return <polyline key={`${kind}${from}`} className={classes(styles['value'], styles[kind])} points={points.join(' ')} />;
        }),
      )}
    </svg>
  );
}
