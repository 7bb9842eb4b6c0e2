/**
 * Work on many emails: in batches, one after the other, with progress, until it is done or stopped.
 *
 * Invariants: a batch that was begun is finished and counted; after `signal` none begins. An email is tried once. What could
 * not be done is counted and does not keep the others from being done; a request that fails ends the work, and what was
 * done until then is told.
 */
export type Progress = { readonly done: number; readonly failed: number; readonly total: number };

export type Outcome = Progress & { readonly ended: 'done' | 'stopped' | 'broken'; readonly error?: unknown };

/**
 * The server takes 500; a platform moves so many in a second or two, and progress is to be seen.
 */
export const BATCH = 200;

/** @param act returns how many of the ids could not be done */
export async function inBatches(ids: readonly string[], act: (batch: readonly string[]) => Promise<number>, { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: (progress: Progress) => void }): Promise<Outcome> {
  let progress: Progress = { done: 0, failed: 0, total: ids.length };
  onProgress(progress);
  for (let at = 0; at < ids.length; at += BATCH) {
    if (signal.aborted) return { ...progress, ended: 'stopped' };
    const batch = ids.slice(at, at + BATCH);
    try {
      const failed = await act(batch);
      progress = { ...progress, done: progress.done + batch.length - failed, failed: progress.failed + failed };
    } catch (error) {
      return { ...progress, ended: 'broken', error };
    }
    onProgress(progress);
  }
  return { ...progress, ended: 'done' };
}
