/** Who is there decides what is shown: the sign-in page, or the mailbox. */
import { QueryClientProvider, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import { loadedAhead } from '#ui/loaded-ahead.tsx';
import { createQueries } from '#ui/queries.ts';
import { Toasts } from '#ui/Toast.tsx';
import { getLanguage } from '#ui/words.ts';
import { ApiError, onSignedOut } from '../api/http.ts';
import { forgetSession, useSession } from '../api/session.ts';
import { readFormatsAhead } from '../list/dates.ts';
import { SignIn } from '../sign-in/SignIn.tsx';
import { begin } from './begin.ts';
import { Waiting } from './Waiting.tsx';

/** News come by push. */
const STALE_MS = 30_000;

const [Shell, loadShell] = loadedAhead(() => import('./Shell.tsx').then(({ Shell: component }) => component), <Waiting since="start" />);

export function App() {
  const [queries] = useState(() => createQueries(STALE_MS, (error) => (error instanceof ApiError ? error : undefined)));
  return (
    <QueryClientProvider client={queries}>
      <Who />
      <Toasts />
    </QueryClientProvider>
  );
}

function Who() {
  const queries = useQueryClient();
  const session = useSession(useCallback((signal?: AbortSignal) => begin(queries, signal), [queries]));
  const { refetch } = session;
  const [isOut, setOut] = useState(false);
  useEffect(() => onSignedOut(() => setOut(true)), []);
  // Beside the first request, and while somebody types a password.
  useEffect(() => void loadShell().then(() => readFormatsAhead(getLanguage()), () => {}), []);
  const signedOut = isOut || (session.error instanceof ApiError && session.error.code !== 'unavailable');
  // Once: while somebody signs in again, what is read of the new session is there before this is over.
  useEffect(() => {
    if (signedOut) forgetSession();
  }, [signedOut]);
  if (signedOut) {
    const former = session.data?.username;
    return (
      <SignIn
        onSignedIn={async () => {
          const { data } = await refetch();
          // Somebody else: nothing of the former may be left, in no cache and in no open message.
          if (former !== undefined && data?.username !== former) window.location.assign('/');
          else setOut(false);
        }}
      />
    );
  }
  if (session.data === undefined) return <Waiting since={session.failureCount > 0 ? 'outage' : 'start'} />;
  return <Shell session={session.data} />;
}
