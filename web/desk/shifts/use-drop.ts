/** Takes a shift out of the plan; it can be put back at once. */
import { sentenceOf } from '#ui/staff/ask.ts';
import { showToast } from '#ui/toasts.ts';
import { useWords } from '#ui/words.ts';
import type { Shift } from '#desk/cases/api.ts';
import { usePlanning } from './queries.ts';
import { times } from './times.ts';
import { words } from './words.ts';

export function useDrop(): (shift: Shift) => void {
  const w = useWords(words);
  const planning = usePlanning();
  const fail = (error: unknown): void => void showToast({ text: sentenceOf(error, w.failed), kind: 'bad' });
  const drop = async ({ id, ...shift }: Shift): Promise<void> => {
    await planning.drop(id);
    showToast({ text: w.dropped(shift.staff, times(shift)), act: { label: w.undo, run: () => void planning.plan([shift]).catch(fail) } });
  };
  return (shift) => void drop(shift).catch(fail);
}
