/** The lists that were looked at lately, so that one that is come back to is there at once. */
import { onSignedOut } from '../api/http.ts';
import { createSource, type Question, type Source } from './source.ts';

/** 1 MB each at most. */
const KEPT = 12;

const sources = new Map<string, Source>();

export function sourceOf(question: Question, estimate: number): Source {
  const key = JSON.stringify(question);
  const source = sources.get(key) ?? createSource(question, estimate);
  sources.delete(key);
  sources.set(key, source);
  const [oldest] = sources.keys();
  if (sources.size > KEPT && oldest !== undefined) sources.delete(oldest);
  return source;
}

/** Takes rows out of all lists in which they are no longer. @param target where they go; undefined: nowhere @returns lets them come back */
export function takeFromLists(ids: readonly string[], target: string | undefined): () => void {
  const undone = [...sources.values()].filter(({ question: { mailboxId } }) => target === undefined || (mailboxId !== undefined && mailboxId !== target)).map((source) => source.take(ids));
  return () => {
    for (const undo of undone) undo();
  };
}

onSignedOut(() => sources.clear());
