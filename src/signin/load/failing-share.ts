/**
 * What failures say about how much a platform is given: less, unless less changed nothing.
 *
 * Invariants: failures for long that do not become fewer with the load are not the load's, and hold nobody back; but a
 * platform that does next to nothing is out of its depth, however little it gets.
 */

export type FailingShare = {
  /**
   * @param share of a window's work that failed, 0 to 1
   * @returns the limit to set for it; undefined when the failures say nothing of the load
   */
  limitFor(share: number, limit: number, now: number): number | undefined;
  restart(): void;
};

/** The most that a window takes away, and what one with failures does. */
export const BACK_OFF = 0.5;
/** Failures to successes in a window: some customers' mailboxes are always broken, a quarter of them never. */
const FAILING = 0.25;
/** A platform that does next to nothing is out of its depth, however little it gets. */
export const COLLAPSED = 0.9;

/** @param forgivenMs for how long failures that have another reason are borne, before less is tried again */
export function createFailingShare(forgivenMs: number): FailingShare {
  /** The limit to go back to, when half of it fails as often. */
  let blamed: { readonly before: number; readonly share: number } | undefined;
  let forgivenUntil = -Infinity;

  return {
    limitFor(share, limit, now) {
      if (share <= FAILING) blamed = undefined;
      if (share <= FAILING || (share < COLLAPSED && now < forgivenUntil)) return undefined;
      if (share < COLLAPSED && blamed !== undefined && share > blamed.share / 2) {
        // Half of the load changed nothing: it fails for another reason.
        const { before } = blamed;
        blamed = undefined;
        forgivenUntil = now + forgivenMs;
        return before;
      }
      blamed ??= { before: limit, share };
      return limit * BACK_OFF;
    },
    restart() {
      blamed = undefined;
    },
  };
}
