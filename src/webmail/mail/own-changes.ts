/**
 * What was changed of emails through us, lately: of platforms that do not count changes, or do not tell what is gone, it is
 * all that anybody knows.
 *
 * Invariant: it is believed only together with the platform's counts: where these say that somebody else changed something,
 * too, nothing can be calculated.
 */

/** `at`: after how many writes of ours it was. `total` and `unread`: what it did to the mailbox's counts. */
export type OwnChange = {
  /** The email's. */
  readonly id: string;
  readonly box: string;
  readonly uidValidity: number;
  readonly uid: number;
  readonly isGone: boolean;
  readonly total: number;
  readonly unread: number;
  /** Of what was destroyed. */
  readonly threadId: string | undefined;
};

export type OwnChanges = {
  note(changes: readonly OwnChange[], at: number): void;
  /** Of writes after so many. Undefined: not all are known any more, or it is not known after how many. */
  since(count: number | undefined): readonly OwnChange[] | undefined;
};

/** A customer who tidies up; 150 bytes each. */
const LIMIT = 2_000;

export function createOwnChanges(): OwnChanges {
  const known: { readonly at: number; readonly change: OwnChange }[] = [];
  let forgotten = -1;
  return {
    note(changes, at) {
      for (const change of changes) known.push({ at, change });
      for (const { at: gone } of known.splice(0, Math.max(0, known.length - LIMIT))) forgotten = gone;
    },
    since: (count) => (count === undefined || forgotten > count ? undefined : known.filter(({ at }) => at > count).map(({ change }) => change)),
  };
}
