/** What `causeway move` would have told of a move's end, second by second, and how true it was. */
import { createForecaster, type Forecast } from '#cli/forecast.ts';
import { amountOf } from '#cli/moving.ts';
import { unitsOf } from '#cli/progress.ts';
import { systemClock as clock } from '#events/clock.ts';
import { readMoves } from '#mover/index.ts';
import type { Store } from '#store/index.ts';

export type Told = { readonly move: number; readonly atMs: number; readonly left: Forecast | undefined };

/** As `causeway move` looks. */
const LOOKS_A_SECOND = 4;

/** `LARGE_TRACE=1` prints how far it is at each look. @param told gets what would be told @returns seconds until the account lives at the target */
export async function watchMove(store: Store, id: number, told: Told[]): Promise<number> {
  const began = performance.now();
  const forecaster = createForecaster();
  for (let looks = 0; ; looks += 1) {
    const moves = await readMoves(store, [id]);
    const [state, error] = [moves[0]?.state, moves[0]?.error];
    const atMs = performance.now() - began;
    if (state === 'moved') {
      told.push({ move: id, atMs, left: undefined });
      return atMs / 1_000;
    }
    if (process.env['LARGE_TRACE'] !== undefined) process.stderr.write(`TRACE ${Math.round(atMs)} ${state} ${moves[0]?.copiedMessages} ${moves[0]?.copiedBytes} ${moves[0]?.messages} ${moves[0]?.bytes}\n`);
    if (state === 'failed' || state === 'cancelled') throw new Error(`the move is ${state}: ${error}`);
    const amount = amountOf(moves);
    const { done, all } = unitsOf(amount);
    if (amount.waits !== true) forecaster.seen(atMs, done);
    // Told once a second.
    if (looks % LOOKS_A_SECOND === 0) {
      const left = forecaster.left(all, amount.alone);
      told.push({ move: id, atMs, left });
      if (process.env['LARGE_EVENTS'] !== undefined) process.stderr.write(`${(atMs / 1_000).toFixed(1)} ${state} ${JSON.stringify(done)} ${JSON.stringify(left)}\n`);
    }
    await clock.sleep(1_000 / LOOKS_A_SECOND);
  }
}

/** What was likely against the end. A second in which nothing was told counts as one that was wrong by all. */
export function judgeForecasts(told: readonly Told[], wallMs: number): { forecastError: number; forecasts: number } {
  const late = told.filter(({ atMs }) => atMs >= wallMs / 4 && atMs < wallMs);
  const errors = late.map(({ atMs, left }) => (left === undefined ? 1 : Math.abs(atMs + left.likelyMs - wallMs) / wallMs));
  return { forecastError: Math.max(...errors), forecasts: late.length };
}
