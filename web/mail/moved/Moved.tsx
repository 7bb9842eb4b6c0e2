/**
 * Tells once that the mailbox has moved, what was verified, and that nothing need be done.
 *
 * Invariants: it stands beside the mail and takes no focus; what was read once is not told again, in no browser. What
 * cannot be learnt is not told, and is no error.
 */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useId } from 'react';
import { Button } from '#ui/Button.tsx';
import { Icon } from '#ui/Icon.tsx';
import { getLanguage, useWords } from '#ui/words.ts';
import type { Moved as MovedFacts } from '#webmail/moved/api.ts';
import { call } from '../api/http.ts';
import { onOtherSession } from '../api/jmap.ts';
import { keys } from '../api/keys.ts';
import { findings } from './findings.ts';
import { words } from './words.ts';
import styles from './Moved.module.css';

const MOVED = ['moved'] as const;

export function Moved() {
  const queries = useQueryClient();
  const { data } = useQuery({
    queryKey: MOVED,
    queryFn: async ({ signal }) => (await call<{ moved: MovedFacts | null }>('/api/moved', { signal })).moved,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  useEffect(
    () =>
      onOtherSession(() => {
        void queries.invalidateQueries({ queryKey: keys.session });
        void queries.invalidateQueries({ queryKey: MOVED });
      }),
    [queries],
  );
  return data == null || data.isSeen ? null : <Panel moved={data} onClose={() => queries.setQueryData(MOVED, { ...data, isSeen: true })} />;
}

function Panel({ moved, onClose }: { readonly moved: MovedFacts; readonly onClose: () => void }) {
  const w = useWords(words);
  const title = useId();
  const seen = useMutation({ mutationFn: () => call('/api/moved/seen', { json: { id: moved.id } }), onSettled: onClose });
  const format = new Intl.DateTimeFormat(getLanguage(), { dateStyle: 'long', timeStyle: 'short' });
  const when = (iso: string): string => format.format(new Date(iso));
  return (
    <section className={styles['panel']} aria-labelledby={title}>
      <header className={styles['head']}>
        <Icon name="shield" size={22} />
        <h2 id={title}>{w.title}</h2>
      </header>
      <p>{w.since(when(moved.at))}</p>
      <h3>{w.checked}</h3>
      <ul>
        {findings(moved, w, when).map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <h3>{w.nothing}</h3>
      <p>{w.stays}</p>
      <footer>
        <Button kind="main" onClick={() => seen.mutate()} busy={seen.isPending}>
          {w.close}
        </Button>
      </footer>
    </section>
  );
}
