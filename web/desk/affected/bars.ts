/** From counts to bars: the longest is as wide as the picture, none that is there is too thin to see. */
export type Bar = { readonly value: string; readonly accounts: number; readonly width: number };

/** Of 100. */
const LEAST = 0.8;
/** What one reads; the rest is in the list. */
const MOST = 8;

export function barsOf(counts: readonly { readonly value: string; readonly accounts: number }[]): Bar[] {
  const top = Math.max(...counts.map(({ accounts }) => accounts), 1);
  return counts.slice(0, MOST).map((each) => ({ ...each, width: each.accounts === 0 ? 0 : Math.max(LEAST, (each.accounts / top) * 100) }));
}
