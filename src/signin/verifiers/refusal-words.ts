/** Words in a server's refusal that blame something else than the secret. */

const OTHER_CAUSE =
  /too many|maximum|limit|temporar|unavailable|try again|later|\block|disabled|suspend|internal|server error|time[d ]*-?out|overload|\bbusy|not connected|web login|browser/i;

/**
 * Servers say no to a sign-in for much else than the secret: too many connections of the user, a disabled account, an
 * index that is being rebuilt, and many say so in words, without a code.
 */
export function hasOtherCause(text: string): boolean {
  return OTHER_CAUSE.test(text);
}
