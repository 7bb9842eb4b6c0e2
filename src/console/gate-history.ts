/** What the gates read over time, and sign-ins at both platforms beside each other. Nothing here writes. */
import { sql } from 'kysely';
import type { Comparison, GateShape } from '#cutover/api.ts';
import { type Gate, judge, type Readings } from '#cutover/gates.ts';
import type { Plan } from '#cutover/records.ts';
import type { Store } from '#store/index.ts';
import { placesOf, type Span } from './places.ts';

type Reads = Pick<Store, 'db'>;

/** Of each bucket the worst that was read: a gate that was passed for a moment is seen. */
export async function gatesOverTime(store: Reads, plan: Plan, now: readonly Gate[], span: Span): Promise<GateShape[]> {
  const { rows } = await sql<{ bucket: Date; readings: Readings }>`
    select date_bin(make_interval(secs => ${span.bucketSeconds}::int), at, 'epoch') as bucket, readings from gate_sample
    where plan_id = ${plan.id} and at >= ${span.from} and at < ${span.until} order by at`.execute(store.db());
  const worst = new Map<string, Map<number, number>>();
  let last: Readings | undefined;
  for (const { bucket, readings } of rows) {
    last = readings;
    for (const { name, value } of judge(readings, plan.gates)) {
      if (value === undefined) continue;
      const places = worst.get(name) ?? new Map<number, number>();
      places.set(bucket.getTime(), Math.max(value, places.get(bucket.getTime()) ?? 0));
      worst.set(name, places);
    }
  }
  // After the last wave nothing is judged: what stands is what was read last.
  const gates = now.length > 0 || last === undefined ? now : judge(last, plan.gates);
  return gates.map(({ name, state, text, value, limit }) => ({
    name,
    state,
    text,
    value: value ?? null,
    limit,
    series: placesOf(span).map((at) => ({ at: new Date(at).toISOString(), value: worst.get(name)?.get(at) ?? null })),
  }));
}

const COUNTED = ['signin.accepted', 'signin.rejected', 'signin.locked', 'signin.unavailable', 'signin.false-rejection'] as const;

/** Sign-ins are counted by where the account lives: those at the target have moved, those at the source have not yet. */
export async function compare(store: Reads, { source, target }: Pick<Plan, 'source' | 'target'>, span: Span): Promise<Comparison> {
  const { rows } = await sql<{ bucket: Date; platform: string; name: (typeof COUNTED)[number]; value: number }>`
    select date_bin(make_interval(secs => ${span.bucketSeconds}::int), bucket, 'epoch') as bucket, platform, name, sum(value)::int as value from figure
    where bucket >= ${span.from} and bucket < ${span.until} and name = any(${[...COUNTED]}::text[]) and platform in (${source}, ${target})
    group by 1, 2, 3`.execute(store.db());
  const values = new Map(rows.map(({ bucket, platform, name, value }) => [`${bucket.getTime()} ${platform} ${name}`, value]));
  const of = (platform: string): Comparison['moved'] =>
    placesOf(span).map((at) => {
      const count = (name: (typeof COUNTED)[number]): number => values.get(`${at} ${platform} ${name}`) ?? 0;
      return {
        at: new Date(at).toISOString(),
        signIns: count('signin.accepted') + count('signin.rejected') + count('signin.locked') + count('signin.unavailable'),
        unavailable: count('signin.unavailable'),
        rejected: count('signin.rejected'),
        falseRejections: count('signin.false-rejection'),
      };
    });
  return { bucketSeconds: span.bucketSeconds, moved: of(target), notYet: of(source) };
}
