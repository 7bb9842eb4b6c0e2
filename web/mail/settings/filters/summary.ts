/** A rule in one line of words. */
import { number, useWords } from '#ui/words.ts';
import type { Action, Condition, Rule } from './filters.ts';
import { words } from './words.ts';

export const MEGABYTE = 1_000_000;

export function useSummary(): (rule: Rule) => string {
  const w = useWords(words);
  const fields = { from: w.fieldFrom, to: w.fieldTo, subject: w.fieldSubject, list: w.fieldList };
  const tests = { contains: w.contains, is: w.is, 'not-contains': w.notContains };
  const condition = (one: Condition): string => (one.field === 'size' ? `${w.fieldSize} ${one.test === 'over' ? w.over : w.under} ${w.mb(number(one.bytes / MEGABYTE))}` : `${fields[one.field]} ${tests[one.test]} “${one.value}”`);
  const action = (one: Action): string => {
    switch (one.kind) {
      case 'move':
      case 'copy':
        return `${one.kind === 'move' ? w.move : w.copy} ${one.mailbox.join(' / ')}`;
      case 'forward':
        return `${w.forward} ${one.to}`;
      case 'reject':
        return `${w.reject} “${one.message.split('\n')[0]}”`;
      default:
        return { flag: w.flag, read: w.read, discard: w.discard, stop: w.stop }[one.kind];
    }
  };
  return ({ conditions, actions, match }) => `${conditions.length === 0 ? w.everyMail : conditions.map(condition).join(match === 'all' ? w.and : w.or)} → ${actions.map(action).join(', ')}`;
}
