/**
 * People whom a customer knows, as schemas that browsers read too: no Node here.
 *
 * Invariant: all of it is bounded: an account has at most 10,000 contacts, of 16 MB together, and 1,000 addresses that it
 * wrote to.
 */
import { z } from 'zod';

/** A large club's; all of them are one answer of some 3 MB. */
export const MOST_CONTACTS = 10_000;
/** Addresses that one wrote to and has not kept as contacts. */
export const MOST_SUGGESTIONS = 1_000;
/** Of emails, of phones and of groups of one contact. */
export const MOST_OF_EACH = 30;

/** RFC 5321 section 4.5.3.1 has at most 64, "@", 255. */
const email = z.string().trim().max(320).regex(/^[^\s@<>,;"\p{Cc}\p{Cs}]+@[^\s@<>,;"\p{Cc}\p{Cs}]+$/u);
const label = z.enum(['', 'home', 'work', 'mobile', 'fax']);
export const groupName = z.string().trim().min(1).max(100).regex(/^[^\p{Cc}]*$/u);

export const emailEntry = z.strictObject({ label: label.default(''), address: email });

export const contactBody = z.strictObject({
  name: z.string().trim().max(200),
  company: z.string().trim().max(200).default(''),
  emails: z.array(emailEntry).max(MOST_OF_EACH).default([]),
  phones: z.array(z.strictObject({ label: label.default(''), number: z.string().trim().min(1).max(60) })).max(MOST_OF_EACH).default([]),
  notes: z.string().max(5_000).default(''),
  groups: z.array(groupName).max(MOST_OF_EACH).default([]).transform((list) => [...new Set(list)]),
});

/** What a contact says. */
export type Card = z.infer<typeof contactBody>;
export type Label = z.infer<typeof label>;
export type Contact = Card & { readonly id: string };

/** Somebody whom one wrote to, the latest first. */
export type Suggestion = { readonly name: string; readonly email: string; readonly uses: number };

/** The answer of `GET /api/contacts`. */
export type Book = { readonly contacts: readonly Contact[]; readonly suggestions: readonly Suggestion[] };

/** `same`: were there already. `left`: beyond what an account may have, or nothing that could be kept. */
export type Imported = { readonly added: number; readonly same: number; readonly left: number };

export const idsBody = z.strictObject({ ids: z.array(z.string().max(40)).min(1).max(MOST_CONTACTS) });
export const renameGroupBody = z.strictObject({ name: groupName });
