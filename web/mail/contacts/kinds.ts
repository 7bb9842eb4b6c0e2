/** What an address or a number is, in words. */
import type { Label } from '#webmail/contacts/api.ts';
import { useWords } from '#ui/words.ts';
import { words } from './words.ts';

export const LABELS: readonly Label[] = ['', 'home', 'work', 'mobile', 'fax'];

export function useKinds(): Readonly<Record<Label, string>> {
  const w = useWords(words);
  return { '': w.kindNone, home: w.kindHome, work: w.kindWork, mobile: w.kindMobile, fax: w.kindFax };
}
