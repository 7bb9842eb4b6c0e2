/**
 * The check by a sign-in over IMAP.
 *
 * Invariants: `accepted` only after INBOX could be opened (Exchange takes LOGIN with a wrong secret and says so at the
 * next command only); `refused` only for an answer to LOGIN that can mean nothing but the secret. The answer is not
 * held back by the farewell.
 */
import { CausewayError } from '#errors/index.ts';
import { refusalOf } from '#imap/refusal.ts';
import { hasOtherCause } from './refusal-words.ts';
import type { SignInAtPlatform } from './verifier.ts';

/** What is used of a connection of the `imap` room. */
export type VerifierConnection = {
  login(login: { user: string; password: string }): Promise<void>;
  examine(mailbox: string): Promise<unknown>;
  logout(): Promise<void>;
  destroy(): void;
};

/** Connects to a platform's IMAP, greeting read, TLS done. Ends when the signal is aborted. */
export type OpenConnection = (platform: string, signal: AbortSignal) => Promise<VerifierConnection>;

export function createImapSignIn(open: OpenConnection): SignInAtPlatform {
  return async (platform, user, password, signal) => {
    const connection = await open(platform, signal);
    const onAbort = (): void => connection.destroy();
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      try {
        await connection.login({ user, password });
      } catch (error) {
        if (!isAboutSecret(error)) throw error;
        connection.destroy();
        return 'refused';
      }
      // EXAMINE, not SELECT: it leaves \Recent to the customer (RFC 9051, 6.3.3).
      await connection.examine('INBOX');
    } catch (error) {
      connection.destroy();
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
    connection.logout().catch(() => connection.destroy());
    return 'accepted';
  };
}

/** Whether an error of `login` can mean nothing but the secret. */
export function isAboutSecret(error: unknown): boolean {
  if (!(error instanceof CausewayError) || error.code !== 'refused') return false;
  const answer = refusalOf(error);
  return answer !== undefined && answer.status === 'NO' && !hasOtherCause(answer.text);
}
