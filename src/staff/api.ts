/**
 * The staff's sign-in, as requests and answers; browsers read this too: no Node here.
 *
 * Invariant: every text has a cap.
 */
import { z } from 'zod';
import { assertion, attestation, credentialId } from '#http/passkey-forms.ts';

/** From the least to the most. What each may do is the table of `acts.ts`. */
export const ROLES = ['level-one', 'level-two', 'lead', 'operator', 'administrator'] as const;
export type Role = (typeof ROLES)[number];

/** Who asks. */
export type StaffMember = { readonly id: number; readonly name: string; readonly role: Role };

export const STAFF_NAME = /^[a-z][a-z0-9._-]{0,39}$/;
/** NIST SP 800-63B-4, 3.1.1.1: fifteen characters where the password stands alone; we ask it of all. */
export const PASSWORD_LEAST = 15;
export const PASSWORD_MOST = 256;

const secret = z.string().max(PASSWORD_MOST);

export const staffSignInBody = z.strictObject({ name: z.string().max(80), secret });
/** `to`: the page of ours that is come back to. */
export const staffOidcBody = z.strictObject({ to: z.string().max(300) });
export const staffCodeBody = z.strictObject({ code: z.string().max(20) });
export const staffPasswordBody = z.strictObject({ old: secret, secret });
export const staffPasskeyBeginBody = z.strictObject({ secret });
export const staffPasskeySignInBody = z.strictObject({ response: assertion });
export const staffPasskeyAddBody = z.strictObject({ name: z.string().trim().min(1).max(64), response: attestation });
export const staffPasskeyRemoveBody = z.strictObject({ id: credentialId });
export const staffSessionEndBody = z.union([z.strictObject({ id: z.string().max(64) }), z.strictObject({ others: z.literal(true) })]);

/** `GET /api/staff/me`; 401 for who is not signed in. `acts`: those that the role allows, for what a page shows. */
export type StaffFacts = StaffMember & { readonly acts: readonly string[] };
/** `GET /api/staff/sign-in`. `oidc`: what the button of the identity provider says, where there is one. */
export type StaffSignInWays = { readonly passkeys: boolean; readonly oidc: string | null };
/** Where the browser goes. */
/** `url`: where the browser ends its session at the identity provider, too. */
export type StaffSignedOut = { readonly url?: string };
export type StaffOidcBegun = { readonly url: string };
/**
 * Why the identity provider's word let nobody in; the page that is come back to has it in its address, `?sign-in=…`.
 *
 * `unavailable`: it does not answer. `declined`: it says no. `too-late`: this browser has not asked, or long ago.
 * `mistrusted`: what it says does not prove itself. `weak`: without the second factor that is asked for. `no-role`: none of
 * his groups has a role here. `nameless`: it tells no name that serves. `gone`: he works here no more. `taken`: somebody else
 * has the name. `last-administrator`: he would be the last one, and is to be one no more.
 */
export const OIDC_REFUSALS = ['unavailable', 'declined', 'too-late', 'mistrusted', 'weak', 'no-role', 'nameless', 'gone', 'taken', 'last-administrator'] as const;
export type OidcRefusal = (typeof OIDC_REFUSALS)[number];
/** `code`: the second step is still to come. */
export type StaffSignedIn = { readonly name: string; readonly step?: 'code' };
/** Dates are ISO 8601. */
export type StaffSessionLine = { readonly id: string; readonly madeAt: string; readonly seenAt: string; readonly network: string; readonly device: string; readonly current: boolean };
export type StaffPasskeyLine = { readonly id: string; readonly name: string; readonly madeAt: string; readonly usedAt: string | null };
export type StaffSecurity = { readonly sessions: readonly StaffSessionLine[]; readonly passkeys: readonly StaffPasskeyLine[]; readonly passkeysPossible: boolean; readonly code: boolean; /** False for who signs in by the identity provider alone. */ readonly password: boolean };

/** What a failed request of the desk or the console is answered with. `sentence` may be shown. */
export type StaffFailure = {
  /** `rejected`, `code`, `code-used`, `passkey`, `too-late`, `refused`, `limit`, `unavailable`, … */
  readonly code: string;
  readonly message?: string;
  readonly sentence?: string;
};
