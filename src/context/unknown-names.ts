/** Keeps that somebody signed in by a login name that nobody has, by network: the name itself, which may be a password in the wrong field, is not. */
import type { DoorNotes } from '#directory/index.ts';
import type { SignInAttempt } from '#gateway/workers.ts';

export function notingUnknownNames(attempt: SignInAttempt, notes: Pick<DoorNotes, 'note'>): SignInAttempt {
  return async (presented, ...rest) => {
    const verdict = await attempt(presented, ...rest);
    if (verdict.verdict === 'rejected' && verdict.reason === 'unknown-name') notes.note({ network: presented.network, fault: 'unknown-name', detail: presented.protocol });
    return verdict;
  };
}
