/**
 * A browser's passkeys: shown and made.
 *
 * Invariant: at most one question is open. What its owner calls off is no fault. The library is loaded when it is wanted.
 */
import type { AuthenticationResponseJSON } from '@simplewebauthn/browser';

const library = () => import('@simplewebauthn/browser');

/** Whether this browser can use any. */
export function supportsPasskeys(): boolean {
  return typeof PublicKeyCredential === 'function';
}

/** Whether a passkey can be offered where the name is typed. */
export async function offersPasskeys(): Promise<boolean> {
  const { browserSupportsWebAuthnAutofill } = await library();
  return browserSupportsWebAuthnAutofill();
}

/**
 * @param optionsJSON of the server
 * @param quiet only offered by the browser where the name is typed: settles when its owner chooses one
 * @returns undefined when its owner, or another question, called it off
 */
export async function showPasskey(optionsJSON: unknown, quiet: boolean): Promise<AuthenticationResponseJSON | undefined> {
  const { startAuthentication } = await library();
  type Options = Parameters<typeof startAuthentication>[0]['optionsJSON'];
  // Called off, timed out, or none there: the browser tells its owner, and does not tell us which.
  return startAuthentication({ optionsJSON: optionsJSON as Options, useBrowserAutofill: quiet }).catch(() => undefined);
}

/** Ends the question that is open. */
export async function endQuestion(): Promise<void> {
  const { WebAuthnAbortService } = await library();
  WebAuthnAbortService.cancelCeremony();
}

/** @param optionsJSON of the server @returns undefined when its owner called it off, or the device has one already */
export async function makePasskey(optionsJSON: unknown): Promise<unknown> {
  const { startRegistration } = await library();
  type Options = Parameters<typeof startRegistration>[0]['optionsJSON'];
  return startRegistration({ optionsJSON: optionsJSON as Options }).catch(() => undefined);
}
