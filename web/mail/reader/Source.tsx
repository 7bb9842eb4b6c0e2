/** A mail as it came: text, however it looks. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Button } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { useWords } from '#ui/words.ts';
import { send } from '../api/http.ts';
import { keys } from '../api/keys.ts';
import { downloadUrl } from '../api/session.ts';
import { words } from './words.ts';
import styles from './Message.module.css';

/** Characters that a page shows without stopping; the rest is in the download. */
const SHOWN = 500_000;

export function Source({ emailId, blobId, onClose }: { readonly emailId: string; readonly blobId: string; readonly onClose: () => void }) {
  const w = useWords(words);
  const [copied, setCopied] = useState(false);
  const { data, isError } = useQuery({
    queryKey: keys.email(emailId, 'source'),
    queryFn: async ({ signal }) => (await (await send(downloadUrl(blobId, 'message.eml', 'text/plain'), { signal })).text()).slice(0, SHOWN),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <Dialog
      title={w.sourceTitle}
      wide
      onClose={onClose}
      acts={
        <Button icon={copied ? 'check' : 'file'} disabled={data === undefined} onClick={() => void navigator.clipboard.writeText(data ?? '').then(() => setCopied(true))}>
          {copied ? w.copied : w.copy}
        </Button>
      }
    >
      <pre className={styles['source']} tabIndex={0} aria-label={w.sourceTitle}>
        {isError ? w.broken : (data ?? w.loading)}
      </pre>
    </Dialog>
  );
}
