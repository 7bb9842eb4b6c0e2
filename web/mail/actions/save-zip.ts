/** The chosen messages as a file to keep. What packs it is loaded when it is first needed. */
import { saveFile } from '#ui/save-file.ts';
import { showToast } from '#ui/toasts.ts';
import { say } from '#ui/words.ts';
import { dayOf } from '../list/dates.ts';
import { idsOf, type Targets } from './targets.ts';
import { showWork } from './work.ts';
import { words } from './words.ts';

export async function saveZip(targets: Targets): Promise<void> {
  const w = say(words);
  const stop = new AbortController();
  const work = showWork(w.packing, () => stop.abort());
  try {
    const { MOST_ZIPPED, zipOf } = await import('./zip.ts');
    const ids = await idsOf(targets, stop.signal);
    if (ids.length > MOST_ZIPPED) return void showToast({ text: w.tooMany(MOST_ZIPPED), kind: 'bad' });
    const { outcome, file } = await zipOf(ids, { signal: stop.signal, onProgress: work.progress });
    if (stop.signal.aborted) return void showToast({ text: w.stopped(outcome.done, outcome.total) });
    saveFile(file, `mail ${dayOf(new Date())}.zip`);
    showToast(outcome.failed > 0 ? { text: w.notDone(outcome.failed), kind: 'bad' } : { text: w.packed(outcome.done) });
  } catch {
    if (!stop.signal.aborted) showToast({ text: w.broken, kind: 'bad' });
  } finally {
    work.end();
  }
}
