/** The customer's passkey, asked by the button, or offered where the name is typed. */
import type { AuthenticationResponseJSON } from '@simplewebauthn/browser';
import { offersPasskeys, showPasskey } from '#ui/passkeys.ts';
import { call } from '../api/http.ts';

/**
 * @param quiet only offered by the browser where the name is typed: settles when its owner chooses one
 * @returns undefined when its owner, or another question, called it off
 * @throws ApiError
 */
export async function askPasskey(quiet: boolean): Promise<AuthenticationResponseJSON | undefined> {
  if (quiet && !(await offersPasskeys())) return undefined;
  return showPasskey(await call<unknown>('/api/sign-in/passkey/options', { json: {} }), quiet);
}
