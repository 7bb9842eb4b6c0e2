/**
 * By what a customer signs in, as requests and answers; browsers read this too: no Node here.
 *
 * Invariant: every text has a cap.
 */
import { z } from 'zod';
import { assertion, attestation, credentialId } from '#http/passkey-forms.ts';

const login = z.string().max(320);
const secret = z.string().max(1_024);
const label = z.string().max(64);
export const signInBody = z.strictObject({ login, secret, stay: z.boolean().default(false) });
export const codeBody = z.strictObject({ code: z.string().max(40) });

export const passkeySignInBody = z.strictObject({ response: assertion, stay: z.boolean().default(false) });
export const passkeyAddBody = z.strictObject({ name: label, response: attestation });
export const passkeyRenameBody = z.strictObject({ id: credentialId, name: label });
export const passkeyRemoveBody = z.strictObject({ id: credentialId });
export const confirmBody = z.strictObject({ secret });
export const everywhereBody = z.strictObject({ everywhere: z.boolean() });
export const appPasswordScopes = ['imap', 'pop3', 'submission', 'sieve', 'webmail'] as const;
export const appPasswordBody = z.strictObject({ label, scope: z.array(z.enum(appPasswordScopes)).min(1).max(appPasswordScopes.length) });
export const appPasswordRevokeBody = z.strictObject({ id: z.int().positive() });
export const passwordBody = z.strictObject({ old: secret, secret });

/** `code`: the second step is still to come. */
export type SignedInAnswer = { readonly address: string; readonly step?: 'code' };
/** `GET /api/sign-in`. */
export type SignInWays = { readonly passkeys: boolean; /** Where a reset link is used, if anywhere. */ readonly reset: string | null };

/** Dates are ISO 8601. */
export type SecurityFacts = {
  readonly address: string;
  /** The password was shown a moment ago: changes are made without asking for it. */
  readonly sure: boolean;
  readonly passkeys: {
    /** At this address, over this connection. */
    readonly possible: boolean;
    readonly list: readonly { readonly id: string; readonly name: string; readonly synced: boolean; readonly createdAt: string; readonly lastUsedAt: string | null }[];
  };
  readonly secondStep: { readonly possible: boolean; readonly on: { readonly since: string; readonly everywhere: boolean; readonly recoveryLeft: number } | null };
  readonly appPasswords: readonly { readonly id: number; readonly label: string; readonly scope: readonly string[]; readonly createdAt: string; readonly lastUsedAt: string | null }[];
};

export type HistoryLine = {
  readonly protocol: string;
  readonly network: string;
  readonly device: string;
  readonly outcome: 'accepted' | 'code-asked' | 'app-password-needed' | 'stopped' | 'rejected' | 'locked' | 'waiting';
  readonly means: 'password' | 'app-password' | 'passkey' | 'code' | 'recovery-code' | 'none';
  readonly firstAt: string;
  readonly lastAt: string;
  readonly times: number;
};

export type SessionLine = { readonly id: string; readonly madeAt: string; readonly seenAt: string; readonly network: string; readonly device: string; readonly current: boolean };
/** `uri`: `otpauth://…`, for a QR code. `secret`: the same to be typed, in base32. */
export type SecondStepBegun = { readonly uri: string; readonly secret: string };
export type PasswordChanged = { readonly outcome: 'changed' | 'asked' };
