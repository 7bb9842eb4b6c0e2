/** Does an act, says so with the way back where there is one, and shows what is shown once. */
import { ask, sentenceOf } from '#ui/staff/ask.ts';
import { showToast } from '#ui/toasts.ts';
import { say } from '#ui/words.ts';
import { type ActAnswer, DESK_ACTS, type DeskActName } from '#desk/acts/api.ts';
import { ACT_WORDS, words } from './words.ts';

/** Longer than other messages: what was done to somebody's account is worth reading. */
const SHOWN_MS = 15_000;

/** @throws StaffError */
export function perform(accountId: number, name: DeskActName, body: object): Promise<ActAnswer> {
  return ask<ActAnswer>(`/api/desk/accounts/${accountId}/acts/${name}`, body);
}

/** @throws StaffError */
export const takeBack = (id: number, why: string): Promise<object> => ask(`/api/desk/acts/${id}/undo`, { why });

/** @param refresh what is shown, once something was changed */
export function tellDone(name: DeskActName, { id, state, shown }: ActAnswer, refresh: () => Promise<unknown>): void {
  const w = say(words);
  const back = async (): Promise<void> => {
    try {
      await takeBack(id, w.undoWhy);
      showToast({ text: w.undone });
    } catch (error) {
      showToast({ text: sentenceOf(error, w.failed), kind: 'bad' });
    }
    await refresh();
  };
  const { undo } = DESK_ACTS.find((each) => each.name === name)!;
  const text = state === 'asked' ? w.asked : shown.kind === 'wave' ? w.wave(shown.from, shown.to) : ACT_WORDS[name].done;
  showToast({ text, ...(undo ? { act: { label: w.undo, run: () => void back() } } : {}), ms: SHOWN_MS });
}
