/**
 * Keeps answering: told by the store when an update was written, and looking by itself every few seconds for what a process
 * left that died.
 */
import { messageOf } from '#errors/index.ts';
import { NEEDLESS } from '#events/clock.ts';
import { defineEvent } from '#events/index.ts';
import { CHANGE_CHANNEL } from '#store/change.ts';
import type { Store } from '#store/index.ts';
import { answerAll, type AnswerOptions } from './answers.ts';

const answersFailed = defineEvent<{ message: string }>('desk.answers-failed', 'warn', ['log', 'count']);
const answered = defineEvent<{ cases: number }>('desk.answered', 'info', ['log', 'count']);

/** What a killed process had claimed is free as soon as the store sees its connection end; it is taken up within this. */
const LOOK_MS = 2_000;

export type Answering = { close(): Promise<void> };

export function startAnswering(store: Store, options: AnswerOptions): Answering {
  const { clock, emit } = store;
  const closing = new AbortController();
  let woken = false;
  let wake = new AbortController();
  // Any change wakes it: looking when there is nothing to do is one statement.
  const unlisten = store.listen(CHANGE_CHANNEL, () => {
    woken = true;
    wake.abort(NEEDLESS);
  });
  const running = (async () => {
    while (!closing.signal.aborted) {
      woken = false;
      wake = new AbortController();
      try {
        const cases = await answerAll(store, options);
        if (cases > 0) emit(answered, { cases });
      } catch (error) {
        emit(answersFailed, { message: messageOf(error) });
      }
      // Not more often than this, however much else changes.
      await clock.sleep(AT_LEAST_MS, closing.signal).catch(() => {});
      if (!woken) await clock.sleep(LOOK_MS, AbortSignal.any([wake.signal, closing.signal])).catch(() => {});
    }
  })();
  return {
    async close() {
      closing.abort(NEEDLESS);
      unlisten();
      await running;
    },
  };
}

/** While accounts are moved the store tells of changes all the time. */
const AT_LEAST_MS = 250;
