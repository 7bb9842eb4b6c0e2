/** After a crash, a closed tab or a browser that ran out of memory: what was being written, with a choice. */
import { useEffect, useState } from 'react';
import { Button } from '#ui/Button.tsx';
import { useWords } from '#ui/words.ts';
import { jmapOne } from '../api/jmap.ts';
import type { Email, GetAnswer } from '../api/types.ts';
import { copies } from './copies.ts';
import type { CrashCopy } from './crash-copy.ts';
import { openComposer } from './open.ts';
import { words } from './words.ts';
import styles from './Restore.module.css';

/** What was sent in the meantime is not offered. */
async function wasSent({ emailId }: CrashCopy): Promise<boolean> {
  if (emailId === undefined) return false;
  const { list } = await jmapOne<GetAnswer<Pick<Email, 'keywords'>>>('Email/get', { ids: [emailId], properties: ['keywords'] });
  return list[0] !== undefined && list[0].keywords['$draft'] !== true;
}

export function Restore() {
  const w = useWords(words);
  const [found, setFound] = useState<readonly CrashCopy[]>([]);
  useEffect(() => {
    let isGone = false;
    void (async () => {
      const open: CrashCopy[] = [];
      for (const copy of await copies().orphans()) {
        if (await wasSent(copy).catch(() => false)) copies().forget(copy.id);
        else open.push(copy);
      }
      if (!isGone) setFound(open);
    })();
    return () => void (isGone = true);
  }, []);
  const [copy] = found;
  if (copy === undefined) return null;
  const next = (): void => setFound(found.slice(1));
  return (
    <section className={styles['restore']} aria-label={w.restoreTitle}>
      <h2>{w.restoreTitle}</h2>
      <p>{copy.wasSending === true ? w.restoreSending : w.restoreText}</p>
      <p className={styles['subject']} dir="auto">{copy.subject.trim() === '' ? w.noSubject : copy.subject}</p>
      <div>
        <Button
          kind="main"
          onClick={() => {
            const { message, emailId, messageId, id } = copy;
            if (message !== undefined) openComposer({ kind: 'resume', message, emailId, messageId, copyId: id });
            else if (emailId !== undefined) {
              copies().forget(id);
              openComposer({ kind: 'draft', emailId });
            }
            next();
          }}
        >
          {w.restoreDo}
        </Button>
        <Button
          onClick={() => {
            copies().forget(copy.id);
            next();
          }}
        >
          {w.restoreNo}
        </Button>
      </div>
    </section>
  );
}
