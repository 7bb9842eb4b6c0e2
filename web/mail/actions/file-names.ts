/**
 * Names of the files that messages are saved as.
 *
 * Invariants: a name is none that a file system treats as something else (separators, devices, dots in front, characters
 * that turn the direction of writing), and no two of one archive are equal where case does not count.
 */
const FORBIDDEN = /[/\\:*?"<>|\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;
/** Windows takes 255 characters of a path; a subject's beginning is what one knows it by. */
const LENGTH = 80;

/** @param day when the message came, as 2026-11-26, so that files sort by it */
export function fileName(day: string, subject: string): string {
  const plain = subject.normalize('NFC').replaceAll(FORBIDDEN, ' ').replaceAll(/\s+/g, ' ').trim();
  const short = [...plain].slice(0, LENGTH).join('').replace(/[. ]+$/, '');
  return `${day}${short === '' ? '' : ` ${short}`}`;
}

/** `name.eml`, `name (2).eml`, … */
export function uniqueNames(names: readonly string[], extension: string): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    for (let n = 1; ; n += 1) {
      const candidate = `${name}${n === 1 ? '' : ` (${n})`}${extension}`;
      if (taken.has(candidate.toLowerCase())) continue;
      taken.add(candidate.toLowerCase());
      return candidate;
    }
  });
}
