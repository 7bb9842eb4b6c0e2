/**
 * Signing in, as a course of steps: name and password (or a passkey), then perhaps a code.
 *
 * Invariants: in an outage what was shown is kept and shown again by itself until it is judged, or until its owner types
 * something else; nothing is called wrong but what the server calls so. One attempt runs at a time.
 */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { SignedInAnswer } from '#webmail/security/api.ts';
import { ApiError, call, type FailureCode } from '../api/http.ts';
import { waitMs } from './waiting.ts';

export type Attempt =
  | { readonly by: 'password'; readonly login: string; readonly secret: string; readonly stay: boolean }
  | { readonly by: 'code'; readonly code: string }
  | { readonly by: 'passkey'; readonly response: unknown; readonly stay: boolean };

export type Told = { readonly code: FailureCode; /** The server's, for the customer. */ readonly sentence: string | undefined };

export type SignInState = {
  readonly step: 'password' | 'code';
  /** Whose password was right, in the second step. */
  readonly address: string | undefined;
  readonly isBusy: boolean;
  readonly told: Told | undefined;
  /** In an outage: when it is tried again (performance.now), of how many ms of waiting, and how often it was tried. */
  readonly waiting: { readonly until: number; readonly ms: number; readonly tries: number } | undefined;
};

const PATHS = { password: '/api/sign-in', code: '/api/sign-in/code', passkey: '/api/sign-in/passkey/finish' } as const;
const START: SignInState = { step: 'password', address: undefined, isBusy: false, told: undefined, waiting: undefined };

export function useSignIn(onSignedIn: () => Promise<void>) {
  const [state, setState] = useState(START);
  const open = useRef<{ readonly attempt: Attempt; tries: number } | undefined>(undefined);
  const running = useRef(false);

  const run = useCallback(async (): Promise<void> => {
    const mine = open.current;
    if (mine === undefined || running.current) return;
    running.current = true;
    setState((before) => ({ ...before, isBusy: true }));
    const { by, ...body } = mine.attempt;
    try {
      const answer = await call<SignedInAnswer>(PATHS[by], { json: body });
      open.current = undefined;
      if (answer.step === 'code') setState({ ...START, step: 'code', address: answer.address });
      else await onSignedIn();
      setState((before) => ({ ...before, isBusy: false, waiting: undefined }));
    } catch (error) {
      const { code, sentence, retryAfterMs } = error instanceof ApiError ? error : { code: 'other' as const, sentence: undefined, retryAfterMs: undefined };
      const stays = code === 'unavailable' && open.current === mine;
      mine.tries += 1;
      const ms = waitMs(mine.tries, retryAfterMs, Math.random());
      if (!stays) open.current = undefined;
      setState((before) => ({
        ...(code === 'too-late' && by === 'code' ? START : before),
        isBusy: false,
        told: { code, sentence },
        waiting: stays ? { until: performance.now() + ms, ms, tries: mine.tries } : undefined,
      }));
    } finally {
      running.current = false;
    }
  }, [onSignedIn]);

  const { waiting } = state;
  useEffect(() => {
    if (waiting === undefined) return;
    const timer = setTimeout(() => void run(), Math.max(0, waiting.until - performance.now()));
    return () => clearTimeout(timer);
  }, [waiting, run]);

  return {
    state,
    begin: useCallback(
      (attempt: Attempt) => {
        open.current = { attempt, tries: 0 };
        setState((before) => ({ ...before, told: undefined, waiting: undefined }));
        void run();
      },
      [run],
    ),
    /** Of what waits, at once. */
    tryNow: useCallback(() => void run(), [run]),
    /** Something else was typed: nothing is tried any more by itself. */
    stop: useCallback(() => {
      open.current = undefined;
      setState((before) => (before.waiting === undefined && before.told === undefined ? before : { ...before, told: undefined, waiting: undefined }));
    }, []),
    /** What stands in the fields is not to be sent: said without asking anybody. */
    tell: useCallback((told: Told) => setState((before) => ({ ...before, told, waiting: undefined })), []),
    /** From the second step to the first. */
    back: useCallback(() => {
      open.current = undefined;
      setState(START);
    }, []),
  };
}
