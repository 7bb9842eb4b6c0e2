/**
 * Who it is and what he may do, by what the identity provider says of him. Pure.
 *
 * Invariants: nobody gets a role that the configuration does not name for a value that is there; of several the highest.
 * What was asked of the second factor must be said, too: silence is no second factor.
 */
import { type OidcRefusal, type Role, ROLES, STAFF_NAME } from '../api.ts';

export type Claims = Readonly<Record<string, unknown>> & { readonly sub: string };

export type ClaimRules = {
  readonly nameClaim: string;
  readonly roles: { /** The way to it. */ readonly claim: readonly string[]; readonly values: Readonly<Record<string, Role>> };
  /** Any of these must be said, where there are some. */
  readonly require: { readonly acr?: readonly string[] | undefined; readonly amr?: readonly string[] | undefined };
};

export type Shown = { readonly subject: string; readonly name: string; readonly role: Role };
export type Refused = { readonly refusal: OidcRefusal; /** For the log. */ readonly why: string };

/** A subject has 255 ASCII characters at most (OpenID Connect Core 1.0, 2). */
const SUBJECT = /^[\x20-\x7e]{1,255}$/;

export function shownBy(claims: Claims, { nameClaim, roles, require }: ClaimRules): Shown | Refused {
  const { sub: subject, acr, amr } = claims;
  if (!SUBJECT.test(subject)) return { refusal: 'mistrusted', why: 'the subject is not as it must be' };
  if (require.acr !== undefined && !(typeof acr === 'string' && require.acr.includes(acr))) return { refusal: 'weak', why: 'acr is none of staff.oidc.require.acr' };
  if (require.amr !== undefined && !require.amr.some((each) => textsOf(amr).includes(each))) return { refusal: 'weak', why: 'amr has none of staff.oidc.require.amr' };
  const values = textsOf(at(claims, roles.claim)).filter((value) => Object.hasOwn(roles.values, value));
  const role = ROLES.findLast((each) => values.some((value) => roles.values[value] === each));
  if (role === undefined) return { refusal: 'no-role', why: `${roles.claim.join('.')} has none of staff.oidc.roles.values` };
  const name = nameOf(claims[nameClaim]);
  if (name === undefined) return { refusal: 'nameless', why: `${nameClaim} holds nothing that serves as a name here` };
  return { subject, name, role };
}

/** The beginning of an address, in small letters without accents: `José.Pérez@isp.example` is `jose.perez`. */
function nameOf(claim: unknown): string | undefined {
  if (typeof claim !== 'string') return undefined;
  const name = claim.split('@', 1)[0]!.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return STAFF_NAME.test(name) ? name : undefined;
}

function at(claims: Claims, way: readonly string[]): unknown {
  return way.reduce<unknown>((value, key) => (typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined), claims);
}

const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).filter((each) => typeof each === 'string');
