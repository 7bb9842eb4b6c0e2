/**
 * The sign-in page.
 *
 * Invariants: "wrong" is only said when the server says so. In an outage what was typed stays, and it is tried again by
 * itself. Passkeys are offered where the name is typed and by a button, and never stand in the way of the password.
 */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { SignInWays } from '#webmail/security/api.ts';
import { SignInCard } from '#ui/sign-in/SignInCard.tsx';
import { useWords } from '#ui/words.ts';
import { call } from '../api/http.ts';
import { CodeStep } from './CodeStep.tsx';
import { Outage } from './Outage.tsx';
import { endQuestion, supportsPasskeys } from '#ui/passkeys.ts';
import { askPasskey } from './passkeys.ts';
import { PasswordStep } from './PasswordStep.tsx';
import { type Told, useSignIn } from './use-sign-in.ts';
import { words } from './words.ts';

/** Before the challenge of the quiet offer is over (ten minutes). */
const OFFER_MS = 9 * 60_000;

export function SignIn({ onSignedIn }: { readonly onSignedIn: () => Promise<void> }) {
  const w = useWords(words);
  const { state, begin, tryNow, stop, tell, back } = useSignIn(onSignedIn);
  const [ways, setWays] = useState<SignInWays>();
  const [stay, setStay] = useState(true);
  const [isAsking, setAsking] = useState(false);
  const stays = useRef(stay);
  stays.current = stay;
  const canPasskey = ways?.passkeys === true && supportsPasskeys();

  useEffect(() => {
    const gone = new AbortController();
    // Without an answer there is the password, as ever.
    call<SignInWays>('/api/sign-in', { signal: gone.signal }).then(setWays, () => {});
    return () => gone.abort();
  }, []);

  const isFirst = state.step === 'password';
  useEffect(() => {
    if (!canPasskey || !isFirst || isAsking) return;
    let isOver = false;
    const offer = async (): Promise<void> => {
      const response = await askPasskey(true).catch(() => undefined);
      if (response !== undefined && !isOver) begin({ by: 'passkey', response, stay: stays.current });
    };
    void offer();
    const again = setInterval(() => void offer(), OFFER_MS);
    return () => {
      isOver = true;
      clearInterval(again);
      void endQuestion();
    };
  }, [canPasskey, isFirst, isAsking, begin]);

  const byPasskey = useCallback(async () => {
    setAsking(true);
    try {
      const response = await askPasskey(false);
      if (response !== undefined) begin({ by: 'passkey', response, stay: stays.current });
    } catch {
      tell({ code: 'unavailable', sentence: undefined });
    } finally {
      setAsking(false);
    }
  }, [begin, tell]);

  return (
    <SignInCard title={isFirst ? w.title : w.codeTitle} lead={isFirst ? w.lead : w.codeLead(state.address ?? '')} told={state.told === undefined || state.told.code === 'unavailable' ? undefined : said(state.told, w)}>
      {state.told?.code === 'unavailable' && <Outage waiting={state.waiting} isBusy={state.isBusy} onNow={tryNow} onStop={stop} />}
      {isFirst ? (
        <PasswordStep
          isBusy={state.isBusy}
          isWaiting={state.waiting !== undefined}
          stay={stay}
          onStay={setStay}
          reset={ways?.reset ?? undefined}
          onPasskey={canPasskey ? () => void byPasskey() : undefined}
          onTyped={stop}
          onSubmit={(login, secret) => (login.trim() === '' || secret === '' ? tell({ code: 'other', sentence: w.missing }) : begin({ by: 'password', login, secret, stay }))}
        />
      ) : (
        <CodeStep isBusy={state.isBusy} told={state.told} onCode={(code) => begin({ by: 'code', code })} onTyped={stop} onBack={back} />
      )}
    </SignInCard>
  );
}

function said({ code, sentence }: Told, w: (typeof words)['en'] | (typeof words)['es']): string {
  switch (code) {
    case 'rejected':
      return w.rejected;
    case 'suspended':
      return w.suspended;
    case 'closed':
      return w.closed;
    case 'scope':
      return w.scope;
    case 'passkey':
      return w.passkeyUnknown;
    case 'code':
      return w.codeWrong;
    case 'code-used':
      return w.codeUsed;
    case 'code-limit':
      return w.codeLimit;
    case 'too-late':
      return w.tooLate;
    default:
      return sentence ?? w.failed;
  }
}
