/** Tells the gates how much the desk is asked for, for as long as somebody has a plan to judge. */
import { messageOf } from '#errors/index.ts';
import { NEEDLESS } from '#events/clock.ts';
import { defineEvent } from '#events/index.ts';
import { tellFigure } from '#cutover/told.ts';
import type { Store } from '#store/index.ts';
import { pruneCalls } from './calls.ts';
import { measureLoad } from './measure.ts';

const loadUntold = defineEvent<{ message: string }>('desk.load-untold', 'warn', ['log', 'count']);

/** A gate that is seconds late pauses a wave all the same; what is measured are means over minutes. */
const TELL_MS = 15_000;

export function startTellingLoad(store: Store): { close(): Promise<void> } {
  const { clock, emit } = store;
  const closing = new AbortController();
  const running = (async () => {
    while (!closing.signal.aborted) {
      try {
        await tellFigure(store, 'desk-load', (await measureLoad(store)).share);
        await pruneCalls(store);
      } catch (error) {
        emit(loadUntold, { message: messageOf(error) });
      }
      await clock.sleep(TELL_MS, closing.signal).catch(() => {});
    }
  })();
  return {
    async close() {
      closing.abort(NEEDLESS);
      await running;
    },
  };
}
