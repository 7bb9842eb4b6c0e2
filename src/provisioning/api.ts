/**
 * What the provider's own systems may say to us, as schemas that a browser could read too: no Node here.
 *
 * Invariant: what breaks a schema is described by its place and what was expected, never by its value, which may be a
 * secret. Names and hashes are judged by the directory; here is their form alone.
 */
import { z } from 'zod';

const text = (most: number) => z.string().min(1).max(most);
/** An address, a login name or a recipient (RFC 5321, 4.5.3.1: 64, "@" and 255). */
const name = text(320);
/** As an import allows. */
const names = z.array(name).max(1_000);
const state = z.enum(['active', 'suspended', 'send-blocked', 'closed']);

/** Counts the caller's requests for one account upwards. */
const sequence = z.int().min(0);
/** For the audit. */
const why = text(500).optional();

/** Whose the account is, for technicians to find a caller by; what is not given is not known. */
const customer = z.strictObject({ name: text(200).optional(), number: text(50).optional(), phones: z.array(text(40)).max(10).optional() });

export const createBody = z.strictObject({
  sequence,
  why,
  address: name,
  /** The home. */
  platform: text(32),
  /** `ours` or a platform. */
  authority: text(32).optional(),
  /** With Dovecot's scheme prefix: `{SHA512-CRYPT}$6$...`. */
  hash: text(4_096).optional(),
  state: state.optional(),
  loginNames: names.optional(),
  recipients: names.optional(),
  customer: customer.optional(),
});

export const customerBody = z.strictObject({ sequence, why, ...customer.shape });
export const stateBody = z.strictObject({ sequence, why });
export const renameBody = z.strictObject({ sequence, why, address: name });
export const namesBody = z.strictObject({
  sequence,
  why,
  addLoginNames: names.optional(),
  removeLoginNames: names.optional(),
  addRecipients: names.optional(),
  removeRecipients: names.optional(),
});
/** Either the secret itself, over TLS, or a hash of it. */
export const passwordBody = z.union([z.strictObject({ sequence, why, password: text(1_024) }), z.strictObject({ sequence, why, hash: text(4_096) })]);
export const appPasswordBody = z.strictObject({ why, label: text(64), scope: z.array(z.enum(['imap', 'pop3', 'submission', 'sieve', 'webmail'])).min(1).max(5) });
export const resetLinkBody = z.strictObject({ why });

/** Its value is another for each request; the same one again gets the answer that was given. */
export const IDEMPOTENCY_KEY = 'Idempotency-Key';

export type StateAct = 'suspend' | 'send-block' | 'close' | 'reopen';
export const STATES: Readonly<Record<StateAct, z.infer<typeof state>>> = { suspend: 'suspended', 'send-block': 'send-blocked', close: 'closed', reopen: 'active' };

/** `confirmed`: instances that act by the change. `notYet`: those that may still take the old secret. */
export type SecretChange = { readonly confirmed: readonly string[]; readonly notYet: readonly { readonly instance: string; readonly since: string | undefined }[] };
