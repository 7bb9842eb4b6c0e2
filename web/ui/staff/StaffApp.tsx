/**
 * The beginning of the desk and of the console: who is there decides what is shown, the sign-in page or the app.
 *
 * Invariants: what is open and half written stays when a session ends in between: the app is kept behind the sign-in page,
 * for the same person only; for another one the page begins anew.
 */
import { QueryClientProvider, useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { StaffFacts } from '#staff/api.ts';
import { createQueries } from '../queries.ts';
import { Toasts } from '../Toast.tsx';
import { useWords } from '../words.ts';
import { ask, onSignedOut, StaffError } from './ask.ts';
import { Frame, type FrameProps } from './Frame.tsx';
import { SignIn } from './SignIn.tsx';
import { StaffContext } from './who.ts';
import { words } from './words.ts';
import styles from './Frame.module.css';

/** What is looked at changes under its reader. */
const STALE_MS = 5_000;

/** @param app its name, as people call it @param here which of the two it is */
export function StaffApp({ children, ...frame }: FrameProps) {
  const [queries] = useState(() => createQueries(STALE_MS, (error) => (error instanceof StaffError ? error : undefined)));
  return (
    <QueryClientProvider client={queries}>
      <Who {...frame}>{children}</Who>
      <Toasts />
    </QueryClientProvider>
  );
}

function Who({ children, ...frame }: FrameProps) {
  const w = useWords(words);
  const me = useQuery({ queryKey: ['staff', 'me'], queryFn: ({ signal }) => ask<StaffFacts>('/api/staff/me', undefined, signal), staleTime: 60_000 });
  const { refetch } = me;
  const [isOut, setOut] = useState(false);
  useEffect(() => onSignedOut(() => setOut(true)), []);
  const isNobody = isOut || (me.error instanceof StaffError && me.error.status === 401);
  const staff: ReactNode = me.data !== undefined && (
    <div className={styles['kept']} hidden={isNobody}>
      <StaffContext value={me.data}>
        <Frame {...frame}>{children}</Frame>
      </StaffContext>
    </div>
  );
  if (!isNobody && me.data === undefined) return <p className={styles['waiting']} role="status">{w.waiting}</p>;
  return (
    <>
      {staff}
      {isNobody && (
        <Over isKept={me.data !== undefined}>
          <SignIn
            app={frame.app}
            isKept={me.data !== undefined}
            onSignedIn={async () => {
              const former = me.data;
              const { data } = await refetch();
              if (former !== undefined && (data?.id !== former.id || data.role !== former.role)) window.location.reload();
              else setOut(false);
            }}
          />
        </Over>
      )}
    </>
  );
}

/** Over what is kept, where there is any: a dialog that is open in it would else make the sign-in page inert. */
function Over({ isKept, children }: { readonly isKept: boolean; readonly children: ReactNode }) {
  const w = useWords(words);
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (ref.current?.open === false) ref.current.showModal();
  }, []);
  if (!isKept) return children;
  return (
    // Escape leads nowhere: a browser may close it in any case, and then it is opened again.
    <dialog ref={ref} className={styles['over']} aria-label={w.title} onCancel={(event) => event.preventDefault()} onClose={() => ref.current?.showModal()}>
      {children}
    </dialog>
  );
}
