/**
 * What somebody outside says of itself, as it may be kept and shown to people.
 *
 * Invariants: one line, cut; without characters that are not seen, that turn the direction of what follows (Unicode 9,
 * UAX 9), or that the store cannot hold: one row with a NUL would keep all rows beside it from being written.
 */

/** @param length in UTF-16 units, at most */
export function saidLine(text: string, length: number): string {
  return text.slice(0, length * 4).replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').replaceAll(/\p{C}/gu, '').trim().slice(0, length).toWellFormed();
}
