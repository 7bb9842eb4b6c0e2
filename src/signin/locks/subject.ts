/** What wrong secrets are counted for: an account, by its id, or a login name that is nobody's, by a number below zero. */

/** The account's; undefined for a login name that is nobody's. */
export function idOf(subject: number): number | undefined {
  return subject < 0 ? undefined : subject;
}
