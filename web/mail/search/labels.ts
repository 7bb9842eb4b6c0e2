/** Terms in the reader's words. */
import { useWords } from '#ui/words.ts';
import type { Mailbox } from '../api/types.ts';
import { useMailboxName } from '../mailboxes/names.ts';
import type { Term } from './terms.ts';
import { words } from './words.ts';

export function useLabels(boxes: readonly Mailbox[]): (term: Term) => string {
  const w = useWords(words);
  const nameOf = useMailboxName();
  return (term) => {
    const plain = ((): string => {
      switch (term.field) {
        case 'is':
          return w[term.value];
        case 'has':
          return w.has;
        case 'in': {
          if (term.value.toLowerCase() === 'anywhere') return w.anywhere;
          const box = boxes.find(({ id, role, name }) => id === term.value || role === term.value.toLowerCase() || name.toLowerCase() === term.value.toLowerCase());
          return w.in(box === undefined ? term.value : nameOf(box));
        }
        default:
          return w[term.field](term.value);
      }
    })();
    return term.not ? w.not(plain) : plain;
  };
}
