/**
 * The staff's sign-in: name and password, then perhaps a code; or a passkey; or the provider's own identity provider.
 *
 * Invariants: an outage is called one, and blames nothing; a whole code is sent without a button. What is kept behind this page
 * stays: the identity provider then opens in a tab of its own.
 */
import { useEffect, useRef, useState } from 'react';
import { OIDC_REFUSALS, type OidcRefusal, type StaffOidcBegun, type StaffSignedIn, type StaffSignInWays } from '#staff/api.ts';
import { Button } from '../Button.tsx';
import { endQuestion, offersPasskeys, showPasskey, supportsPasskeys } from '../passkeys.ts';
import { CodeField, NameField, PasswordField } from '../sign-in/fields.tsx';
import { Or, SignInCard, SignInForm } from '../sign-in/SignInCard.tsx';
import { useWords } from '../words.ts';
import { ask, sentenceOf, StaffError } from './ask.ts';
import { words } from './words.ts';

export function SignIn({ app, isKept, onSignedIn }: { readonly app: string; /** There is something open behind it. */ readonly isKept: boolean; readonly onSignedIn: () => Promise<void> }) {
  const w = useWords(words);
  const [half, setHalf] = useState<string>();
  const [told, setTold] = useState<string>();
  /** Of the identity provider, which needs its name to be told. */
  const [refusal, setRefusal] = useState(refusalInAddress);
  const [isBusy, setBusy] = useState(false);
  const [isAway, setAway] = useState(false);
  const [ways, setWays] = useState<StaffSignInWays>();
  const running = useRef(false);

  const run = async (work: () => Promise<StaffSignedIn>): Promise<void> => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setTold(undefined);
    setRefusal(undefined);
    try {
      const answer = await work();
      if (answer.step === 'code') setHalf(answer.name);
      else {
        await endQuestion();
        await onSignedIn();
      }
    } catch (error) {
      if (error instanceof StaffError && error.code === 'too-late') setHalf(undefined);
      setTold(error instanceof StaffError && error.code === 'unavailable' ? (error.sentence ?? w.unavailable) : sentenceOf(error, w.failed));
    } finally {
      running.current = false;
      setBusy(false);
    }
  };

  const byPasskey = async (quiet: boolean): Promise<void> => {
    const response = await showPasskey(await ask('/api/staff/sign-in/passkey/options', {}), quiet);
    if (response !== undefined) await run(() => ask('/api/staff/sign-in/passkey/finish', { response }));
  };

  const byOidc = async (): Promise<void> => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setTold(undefined);
    setRefusal(undefined);
    try {
      const { url } = await ask<StaffOidcBegun>('/api/staff/sign-in/oidc', { to: location.pathname + location.search });
      await endQuestion();
      if (isKept) {
        window.open(url, '_blank', 'noopener');
        setAway(true);
      } else location.assign(url);
    } catch (error) {
      if (error instanceof StaffError && error.code === 'unavailable') setRefusal('unavailable');
      else setTold(sentenceOf(error, w.failed));
    } finally {
      running.current = false;
      setBusy(false);
    }
  };

  useEffect(cleanAddress, []);

  // Back from the other tab.
  useEffect(() => {
    if (!isAway) return;
    const look = (): void => void ask('/api/staff/me').then(onSignedIn, () => {});
    window.addEventListener('focus', look);
    return () => window.removeEventListener('focus', look);
  }, [isAway, onSignedIn]);

  useEffect(() => {
    let left = false;
    const look = async (): Promise<void> => {
      const here = await ask<StaffSignInWays>('/api/staff/sign-in');
      if (left) return;
      setWays(here);
      if (here.passkeys && supportsPasskeys() && (await offersPasskeys()) && !left) await byPasskey(true);
    };
    look().catch(() => {});
    return () => {
      left = true;
      void endQuestion();
    };
  }, []);

  const button = ways?.oidc ?? undefined;
  const said = refusal === undefined ? (isAway ? w.oidcAway : undefined) : w[`oidc-${refusal}`](button ?? w.oidcName);
  return (
    <SignInCard app={app} title={half === undefined ? w.title : w.codeTitle} lead={half === undefined ? w.lead : w.codeLead(half)} told={told ?? said} isCalm={told === undefined && (refusal === undefined || CALM.includes(refusal))}>
      {half === undefined ? (
        <PasswordStep
          isBusy={isBusy}
          onSubmit={(name, secret) => (name.trim() === '' || secret === '' ? setTold(w.empty) : void run(() => ask('/api/staff/sign-in', { name, secret })))}
          onPasskey={ways?.passkeys === true && supportsPasskeys() ? () => void byPasskey(false).catch((error: unknown) => setTold(sentenceOf(error, w.failed))) : undefined}
          oidc={button}
          onOidc={() => void byOidc()}
        />
      ) : (
        <CodeStep isBusy={isBusy} wrong={told} onCode={(code) => void run(() => ask('/api/staff/sign-in/code', { code }))} onBack={() => (setHalf(undefined), setTold(undefined))} />
      )}
    </SignInCard>
  );
}

/** Nobody has to do anything about these but wait, or press again. */
const CALM: readonly OidcRefusal[] = ['unavailable', 'declined', 'too-late'];

/** What the identity provider's way back has put into the address. */
function refusalInAddress(): OidcRefusal | undefined {
  const given = new URLSearchParams(location.search).get('sign-in');
  return OIDC_REFUSALS.find((each) => each === given);
}

/** It was told; the page loaded again does not tell it again. */
function cleanAddress(): void {
  const url = new URL(location.href);
  url.searchParams.delete('sign-in');
  if (url.href !== location.href) history.replaceState(history.state, '', url);
}

function PasswordStep({ isBusy, onSubmit, onPasskey, oidc, onOidc }: {
  readonly isBusy: boolean;
  readonly onSubmit: (name: string, secret: string) => void;
  /** Undefined: there are none here. */
  readonly onPasskey: (() => void) | undefined;
  /** What the identity provider's button says; undefined: there is none. */
  readonly oidc: string | undefined;
  readonly onOidc: () => void;
}) {
  const w = useWords(words);
  const [name, setName] = useState('');
  const [secret, setSecret] = useState('');
  return (
    <>
      <SignInForm onSubmit={() => onSubmit(name, secret)}>
        <NameField label={w.name} maxLength={80} value={name} onType={setName} />
        <PasswordField label={w.secret} maxLength={256} value={secret} onType={setSecret} />
        <Button kind="main" type="submit" wide busy={isBusy}>
          {w.goOn}
        </Button>
      </SignInForm>
      {(onPasskey !== undefined || oidc !== undefined) && <Or>{w.or}</Or>}
      {oidc !== undefined && (
        <Button icon="shield" wide disabled={isBusy} onClick={onOidc}>
          {oidc}
        </Button>
      )}
      {onPasskey !== undefined && (
        <Button icon="key" wide disabled={isBusy} onClick={onPasskey}>
          {w.passkey}
        </Button>
      )}
    </>
  );
}

function CodeStep({ isBusy, wrong, onCode, onBack }: { readonly isBusy: boolean; readonly wrong: string | undefined; readonly onCode: (code: string) => void; readonly onBack: () => void }) {
  const w = useWords(words);
  const [code, setCode] = useState('');
  return (
    <SignInForm
      onSubmit={() => {
        if (code.trim() !== '') onCode(code);
      }}
    >
      <CodeField label={w.code} wrong={wrong} value={code} onType={setCode} onWhole={(whole) => void (isBusy || onCode(whole))} />
      <Button kind="main" type="submit" wide busy={isBusy}>
        {w.check}
      </Button>
      <Button kind="quiet" icon="back" onClick={onBack}>
        {w.back}
      </Button>
    </SignInForm>
  );
}
