import { z } from 'zod';
import { refuseClearUrl, serviceUrl } from './clear-legs.ts';
import { expects } from './expects.ts';
import { pemFile, secretFile } from './files.ts';
import { LOOPBACK } from './front-doors.ts';

/** How the staff sign in besides password and passkey: the provider's own OpenID Connect provider. docs/staff.md describes it. */

const ROLE = expects('one of level-one, level-two, lead, operator, administrator');
const role = z.enum(['level-one', 'level-two', 'lead', 'operator', 'administrator'], ROLE);
const CLIENT = expects('the id by which the identity provider knows Causeway');
const BUTTON = expects('what the button says, one line of at most 60 characters');
const CLAIM = expects("a claim's name, or a list of names that leads to it, such as [realm_access, roles]");
const claimName = z.string(CLAIM).min(1, CLAIM).max(200, CLAIM);
const SCOPE = expects('a scope, such as groups');
const VALUE = expects('a value of at most 200 characters');
const value = z.string(VALUE).min(1, VALUE).max(200, VALUE);
const values = z.array(value).min(1, expects('at least one value')).max(20, expects('at most 20 values'));

const oidc = (folder: string) =>
  z
    .strictObject({
      // Compared to the letter with what the identity provider says of itself (OpenID Connect Discovery 1.0, 4.3).
      issuer: serviceUrl.refine((text) => !/[?#]/.test(text), expects('a URL without ? and #, as the identity provider itself writes it')),
      clientId: z.string(CLIENT).min(1, CLIENT).max(255, CLIENT),
      clientSecretFile: secretFile(folder),
      button: z.string(BUTTON).trim().min(1, BUTTON).max(60, BUTTON).regex(/^[^\p{Cc}]*$/u, BUTTON),
      nameClaim: claimName.default('preferred_username'),
      scopes: z.array(z.string(SCOPE).regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/, SCOPE)).max(10).default(['profile']),
      roles: z.strictObject({
        claim: z.union([claimName.transform((name) => [name]), z.array(claimName).min(1, CLAIM).max(5, CLAIM)], CLAIM),
        values: z.record(value, role).refine((map) => Object.keys(map).length > 0, expects('at least one value of the claim, with its role')),
      }),
      require: z.strictObject({ acr: values.optional(), amr: values.optional() }).prefault({}),
      trustedNetwork: z.boolean().default(false),
      ca: pemFile(folder).optional(),
    })
    .superRefine(({ issuer: url, trustedNetwork }, context) => refuseClearUrl('secrets', 'issuer')({ url, trustedNetwork }, context))
    .transform(({ clientSecretFile, ...rest }) => ({ ...rest, clientSecret: clientSecretFile }));

export const staff = (folder: string) => z.strictObject({ oidc: oidc(folder).optional() });

type Given = { listen: { office?: { host: string; url?: string | undefined } | undefined }; staff: { oidc?: unknown } };

/** The identity provider sends people back to an address that it was told beforehand, never to what a request calls us. */
export function checkStaff({ listen, staff: given }: Given, context: z.core.$RefinementCtx): void {
  if (given.oidc === undefined) return;
  const complain = (path: string[], message: string, remedy: string): void => context.addIssue({ code: 'custom', path, message, params: { remedy }, input: listen });
  if (listen.office === undefined) complain(['staff', 'oidc'], 'expected listen.office beside it, found none: there is nothing to sign in to', 'add listen: { office: … }, or leave staff.oidc out');
  else if (listen.office.url === undefined && !LOOPBACK.test(listen.office.host)) {
    complain(['listen', 'office'], 'expected url beside staff.oidc, found none: the identity provider must know where it sends people back', 'add url: https://desk.isp.example, as browsers reach it');
  }
}
