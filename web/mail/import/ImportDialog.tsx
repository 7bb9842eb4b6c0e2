/** Choosing files to import. The work goes on when the dialog is closed; its bar shows how far it is. */
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Button } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { showToast } from '#ui/toasts.ts';
import { say, useWords } from '#ui/words.ts';
import { showWork } from '../actions/work.ts';
import type { Mailbox } from '../api/types.ts';
import { useMailboxName } from '../mailboxes/names.ts';
import { deliverInto, importFiles, mostBytes } from './run.ts';
import { words } from './words.ts';
import styles from './ImportDialog.module.css';

export function ImportDialog({ mailbox, onClose }: { readonly mailbox: Mailbox; readonly onClose: () => void }) {
  const w = useWords(words);
  const client = useQueryClient();
  const name = useMailboxName()(mailbox);
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const begin = (files: FileList | null): void => {
    if (files === null || files.length === 0) return;
    onClose();
    void run(client, [...files], mailbox.id);
  };
  return (
    <Dialog title={w.title(name)} onClose={onClose}>
      <p>{w.text}</p>
      <div
        className={styles['drop']}
        data-over={isOver || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          begin(event.dataTransfer.files);
        }}
      >
        <Button kind="main" icon="upload" onClick={() => input.current?.click()}>
          {w.choose}
        </Button>
        <span>{w.drop}</span>
        <input ref={input} type="file" hidden multiple accept=".eml,.mbox,.mbx,message/rfc822,application/mbox" aria-label={w.choose} onChange={(event) => begin(event.target.files)} />
      </div>
    </Dialog>
  );
}

async function run(client: QueryClient, files: readonly File[], mailboxId: string): Promise<void> {
  const w = say(words);
  const stop = new AbortController();
  const work = showWork(w.label, () => stop.abort());
  const outcome = await importFiles(files, deliverInto(mailboxId), mostBytes(), {
    signal: stop.signal,
    // In thousands of octets: how many messages a file has nobody knows before its end.
    onProgress: ({ bytes, totalBytes }) => work.progress({ done: Math.ceil(bytes / 1_000), failed: 0, total: Math.ceil(totalBytes / 1_000) }),
  });
  work.end();
  for (const type of ['Email', 'Mailbox']) void client.invalidateQueries({ queryKey: [type] });
  const { done, failed, ended } = outcome;
  if (ended === 'full') showToast({ text: w.full(done), kind: 'bad' });
  else if (ended === 'broken') showToast({ text: w.broken(done), kind: 'bad' });
  else if (ended === 'stopped') showToast({ text: w.stopped(done) });
  else showToast({ text: done === 0 ? w.nothing : failed > 0 ? w.some(done, failed) : w.done(done), kind: done === 0 ? 'bad' : 'plain' });
}
