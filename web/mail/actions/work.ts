/** Work that takes a while and can be stopped, for the bar that shows it. One at a time: the next waits for none, its bar comes on top. */
import { useSyncExternalStore } from 'react';
import { createListeners } from '#ui/listeners.ts';
import type { Progress } from './batches.ts';

export type Work = { readonly label: string; readonly progress: Progress | undefined; readonly stop: () => void };

let works: readonly Work[] = [];
const listeners = createListeners();

function put(next: readonly Work[]): void {
  works = next;
  listeners.tell();
}

/** @returns shows how far it is; and takes it away */
export function showWork(label: string, stop: () => void): { progress(progress: Progress): void; end(): void } {
  let work: Work = { label, progress: undefined, stop };
  put([...works, work]);
  return {
    progress(progress) {
      const next = { ...work, progress };
      put(works.map((each) => (each === work ? next : each)));
      work = next;
    },
    end: () => put(works.filter((each) => each !== work)),
  };
}

export const useWorks = (): readonly Work[] => useSyncExternalStore(listeners.subscribe, () => works);
