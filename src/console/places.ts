/** The buckets of time that all pictures of one look at a plan share. Pure. */

export type Span = { readonly from: Date; readonly until: Date; readonly bucketSeconds: number };

/** Wider than a column of a small picture makes no sense, narrower than the figures' own five seconds neither. */
const BUCKETS = 60;
const WIDTHS = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800];
/** Figures are dropped after a day. */
const MOST_SECONDS = 86_400;
/** A plan that has just begun shows what was before it. */
const LEAST_SECONDS = 300;

/** From the plan's beginning to now, or to a little after its end; at most the last day. @param now epoch ms */
export function spanOf(startedAt: Date | null, endedAt: Date | null, now: number): Span {
  const end = Math.min(now, (endedAt?.getTime() ?? now) + 60_000);
  const seconds = Math.min(MOST_SECONDS, Math.max(LEAST_SECONDS, startedAt === null ? 0 : (end - startedAt.getTime()) / 1_000));
  const bucketSeconds = WIDTHS.find((width) => seconds / width <= BUCKETS) ?? WIDTHS.at(-1)!;
  const until = Math.ceil(end / 1_000 / bucketSeconds) * bucketSeconds;
  const from = until - Math.ceil(seconds / bucketSeconds) * bucketSeconds;
  return { from: new Date(from * 1_000), until: new Date(until * 1_000), bucketSeconds };
}

/** The beginnings of all buckets. */
export function placesOf({ from, until, bucketSeconds }: Span): number[] {
  const count = Math.round((until.getTime() - from.getTime()) / (bucketSeconds * 1_000));
  return Array.from({ length: count }, (_, at) => from.getTime() + at * bucketSeconds * 1_000);
}
