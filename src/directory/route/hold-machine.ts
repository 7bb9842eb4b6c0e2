/**
 * What an instance does in a hold of one account, as a pure state machine. The route that the store tells is the only
 * thing that begins or ends a hold here; an instance's own clock never does.
 *
 *   serving -> freezing -> frozen (quiet) -> cutting -> cut
 *                       -> frozen (busy)
 *   all of them -> serving when the route is not held any more
 *   all of them -> freezing when the route is held by another hold, the end of the former one not having been heard
 *
 * Invariants: sessions are cut only after all were quiet, and only in the cut round; nothing is acknowledged that was
 * not done; from the first sight of a hold to its end the account is not served.
 */
import type { Route, Stage } from './route.ts';

export type HoldPoint =
  | { readonly at: 'serving' }
  /** Participants are being asked to get quiet, or to end what is not; `stage` is the round that the store is in. */
  | { readonly at: 'freezing'; readonly epoch: number; readonly stage: Stage; readonly abandoned?: boolean }
  | { readonly at: 'frozen'; readonly epoch: number; readonly answer: 'quiet' | 'busy' }
  | { readonly at: 'cutting'; readonly epoch: number }
  | { readonly at: 'cut'; readonly epoch: number };

export type HoldInput =
  /** The route was read; also when nothing in it changed. */
  | { readonly on: 'route'; readonly route: Route }
  | { readonly on: 'froze'; readonly epoch: number; readonly answer: 'quiet' | 'busy' }
  /** Every participant has cut. A cut that failed is no input: it is never acknowledged. */
  | { readonly on: 'cut-done'; readonly epoch: number };

/** To be done in the order given, each for the hold of the new point. */
export type HoldEffect = 'thaw' | 'freeze' | 'cut' | 'acknowledge' | 'release';

export const SERVING: HoldPoint = { at: 'serving' };

type Step = { readonly point: HoldPoint; readonly effects: readonly HoldEffect[] };

export function nextHold(point: HoldPoint, input: HoldInput): Step {
  switch (input.on) {
    case 'route':
      return heard(point, input.route);
    case 'froze':
      if (point.at !== 'freezing' || point.epoch !== input.epoch) return { point, effects: [] };
      // The round has gone on without us: we were listed while it ran. What counts now is the cut.
      if (point.stage === 'cut' && input.answer === 'quiet') {
        return { point: { at: 'cutting', epoch: point.epoch }, effects: ['cut'] };
      }
      return {
        point: { at: 'frozen', epoch: point.epoch, answer: input.answer },
        effects: point.stage === 'freeze' ? ['acknowledge'] : [],
      };
    case 'cut-done':
      if (point.at !== 'cutting' || point.epoch !== input.epoch) return { point, effects: [] };
      return { point: { at: 'cut', epoch: point.epoch }, effects: ['acknowledge'] };
  }
}

function heard(point: HoldPoint, { phase, epoch, stage, abandoned }: Route): Step {
  if (phase !== 'held' || stage === null) {
    return point.at === 'serving' ? { point, effects: [] } : { point: SERVING, effects: ['thaw', 'release'] };
  }
  const freezing: HoldPoint = { at: 'freezing', epoch, stage, ...(abandoned === true ? { abandoned } : {}) };
  if (point.at === 'serving') return { point: freezing, effects: ['freeze'] };
  if (point.epoch !== epoch) return { point: freezing, effects: ['thaw', 'freeze'] };
  switch (point.at) {
    case 'freezing':
      return { point: freezing, effects: [] };
    case 'frozen':
      // Told again: our answer may not have reached the store.
      if (stage === 'freeze') return { point, effects: ['acknowledge'] };
      return point.answer === 'quiet' ? { point: { at: 'cutting', epoch }, effects: ['cut'] } : { point, effects: [] };
    case 'cutting':
      return { point, effects: [] };
    case 'cut':
      return { point, effects: ['acknowledge'] };
  }
}

/** The answer that a point stands for, and its round; undefined where there is nothing to say yet. */
export function answerAt(point: HoldPoint): { stage: Stage; answer: 'quiet' | 'busy' | 'cut' } | undefined {
  if (point.at === 'frozen') return { stage: 'freeze', answer: point.answer };
  return point.at === 'cut' ? { stage: 'cut', answer: 'cut' } : undefined;
}
