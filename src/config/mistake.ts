import { CausewayError } from '#errors/index.ts';

/** One thing that is wrong in a file that a person wrote. Lines and columns count from 1. */
export type Mistake = {
  readonly line: number;
  readonly column: number;
  /** `platforms.old.imap.port: expected …, found …` */
  readonly message: string;
  readonly remedy?: string;
};

/** So many are told at once: more than a screen helps nobody. */
const TOLD = 20;

/**
 * One error for all of a file's mistakes, in the order of the file. `place` is the first mistake's; the others follow
 * in the message, a line each, with their own place.
 */
export function mistakesError(file: string, mistakes: readonly Mistake[], code: 'config' | 'input' = 'config'): CausewayError {
  const sorted = [...mistakes].sort((a, b) => a.line - b.line || a.column - b.column);
  const place = (m: Mistake): string => `${file}:${m.line}:${m.column}`;
  const [first, ...rest] = sorted;
  if (first === undefined) throw new Error('no mistake given');
  const lines = [first.message, ...rest.slice(0, TOLD - 1).map((m) => `${place(m)}: ${m.message}`)];
  if (sorted.length > TOLD) lines.push(`and ${sorted.length - TOLD} more`);
  const remedies = new Set(sorted.flatMap((m) => (m.remedy === undefined ? [] : [m.remedy])));
  return new CausewayError(code, lines.join('\n'), {
    place: place(first),
    remedy: remedies.size === 0 ? undefined : [...remedies].join('\n  '),
  });
}
