/**
 * All messages that this tab is writing, by the key of their composer.
 *
 * Invariant: a composer that is rendered twice, or anew, has one writing.
 */
import { hold } from './guard.ts';
import { createWriting, type Writing } from './writing.ts';
import type { WritingParts } from './writing-state.ts';

const writings = new Map<number, Writing>();

export function writingOf(key: number, parts: () => WritingParts): Writing {
  const there = writings.get(key);
  if (there !== undefined) return there;
  const made = createWriting(parts());
  writings.set(key, made);
  return made;
}

export const forgetWriting = (key: number): void => void writings.delete(key);

/** What a tab that goes would lose: what is neither at the platform nor kept here stays by the browser's question. */
function isAnythingUnsaved(): boolean {
  return [...writings.values()].some((writing) => !['saved', 'unchanged'].includes(writing.getState().save.kind) || writing.getState().uploads.length > 0);
}

/** The tab is hidden, and may be ended without a word (on a phone always). */
function keepAll(): void {
  for (const writing of writings.values()) {
    writing.keepCopy();
    void writing.flush();
  }
}

function wakeAll(): void {
  for (const writing of writings.values()) writing.wake();
}

hold({ isAnythingUnsaved, keepAll, wakeAll });
