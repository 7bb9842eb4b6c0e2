/** What each unit of work costs, from how long pieces of work took that had some of each. Pure. */

/** A piece of work: how long it took, and how much of each unit it had. */
export type Piece = { readonly ms: number; readonly made: readonly number[] };

/** With two or three units these are many more than it takes. */
const STEPS = 200;

/**
 * Least squares with no cost below 0, by one unit after the other; then all scaled so that the pieces together take the
 * time that they took, since a piece in which nothing was finished took some, too.
 * @returns ms for one of each unit
 */
export function costs(pieces: readonly Piece[], units: number): number[] {
  const each = Array.from({ length: units }, (_, unit) => unit);
  const product = (a: number, b: number): number => pieces.reduce((sum, { made }) => sum + made[a]! * made[b]!, 0);
  const squares = each.map((a) => each.map((b) => product(a, b)));
  const times = each.map((unit) => pieces.reduce((sum, { ms, made }) => sum + ms * made[unit]!, 0));
  const found = each.map(() => 0);
  for (let step = 0; step < STEPS; step += 1) {
    for (const unit of each) {
      const square = squares[unit]![unit]!;
      if (square === 0) continue;
      const others = each.reduce((sum, other) => sum + (other === unit ? 0 : squares[unit]![other]! * found[other]!), 0);
      found[unit] = Math.max(0, (times[unit]! - others) / square);
    }
  }
  const explained = pieces.reduce((sum, { made }) => sum + made.reduce((cost, amount, unit) => cost + amount * found[unit]!, 0), 0);
  const took = pieces.reduce((sum, { ms }) => sum + ms, 0);
  return explained === 0 ? found : found.map((cost) => (cost * took) / explained);
}
