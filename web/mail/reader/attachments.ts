/** What is attached to a mail: which parts are shown, as what, and under which names they are kept. */
import type { IconName } from '#ui/icons.ts';
import type { BodyPart } from '../api/types.ts';

/** Pictures that a browser shows without running anything: what the server sends as what it is (jmap-api.ts). */
const PREVIEWED = /^image\/(?:png|jpeg|gif|webp|avif)$/;

export const isPreviewed = ({ type }: Pick<BodyPart, 'type'>): boolean => PREVIEWED.test(type.toLowerCase());

/** Those that the text does not show already. @param shown the Content-IDs that it shows */
export function listed(parts: readonly BodyPart[], shown: ReadonlySet<string>): readonly BodyPart[] {
  return parts.filter(({ cid, disposition }) => !(cid !== null && shown.has(cid) && disposition !== 'attachment'));
}

const ICONS: readonly (readonly [RegExp, IconName])[] = [
  [/^image\//, 'image'],
  [/^message\//, 'mail'],
  [/zip|tar|compress|x-7z|rar|gzip/, 'archive'],
  [/html|xml|json|javascript|x-sh/, 'code'],
];

export const iconOf = (type: string): IconName => ICONS.find(([pattern]) => pattern.test(type.toLowerCase()))?.[1] ?? 'file';

/** What systems run when somebody opens it. */
const RUNS = /\.(?:exe|scr|com|bat|cmd|pif|msi|msp|jse?|vbs?|vbe|wsf|wsh|hta|cpl|lnk|jar|ps1|reg|iso|img|vhdx?|one|xll|docm|xlsm|pptm|html?|xhtml|svgz?|appx?|apk|dmg|pkg|sh)$/i;

export const mayRun = (name: string): boolean => RUNS.test(safeName(name));

/**
 * A name for a file: without folders, control characters and marks that turn its letters round (so that `exe.gpj` does
 * not look like a picture), never empty, and not hidden.
 */
export function safeName(name: string | null, fallback = 'attachment'): string {
  const plain = (name ?? '').normalize('NFC').replaceAll(/[\p{Cc}\p{Cf}]/gu, '').replaceAll(/[/\\:*?"<>|]/g, '_').replace(/^[.\s]+/, '').replace(/[.\s]+$/, '');
  return plain === '' ? fallback : plain.slice(-200);
}

/** Each name once: `a.txt`, `a (2).txt`. */
export function distinctNames(names: readonly string[]): readonly string[] {
  const used = new Set<string>();
  return names.map((name) => {
    const [, stem = name, end = ''] = /^(.*?)(\.[^.]{1,10})?$/s.exec(name) ?? [];
    let each = name;
    for (let n = 2; used.has(each.toLowerCase()); n += 1) each = `${stem} (${n})${end}`;
    used.add(each.toLowerCase());
    return each;
  });
}
