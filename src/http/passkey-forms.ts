/**
 * What a browser says of a passkey (WebAuthn Level 3, 5.1), made JSON of; what is not known here is dropped. Browsers read
 * this too: no Node here.
 *
 * Invariant: every text has a cap. What an authenticator says is judged by its own library; here it only has a size.
 */
import { z } from 'zod';

export const credentialId = z.string().regex(/^[A-Za-z0-9_-]{1,1400}$/);
/** base64url of what an authenticator gives: an attestation has some KB. */
const blob = z.string().regex(/^[A-Za-z0-9_-]*$/).max(12_000);

const credential = { id: credentialId, rawId: credentialId, type: z.literal('public-key'), clientExtensionResults: z.looseObject({}).default({}), authenticatorAttachment: z.enum(['platform', 'cross-platform']).optional().catch(undefined) };
const transports = z.array(z.string().max(20)).max(8);

export const assertion = z.object({ ...credential, response: z.object({ clientDataJSON: blob, authenticatorData: blob, signature: blob, userHandle: blob }) });
export const attestation = z.object({ ...credential, response: z.object({ clientDataJSON: blob, attestationObject: blob, transports: transports.optional() }) });
