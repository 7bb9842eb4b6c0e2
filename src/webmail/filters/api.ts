/**
 * Filters and the absence reply, as schemas that browsers read too: no Node here.
 *
 * Invariant: all of it is bounded, so that a script of it is far below what platforms take (Cyrus: 32 KB where nobody said
 * otherwise; a usual customer has ten rules of 300 bytes).
 */
import { z } from 'zod';

export const MOST_RULES = 100;
const MOST_CONDITIONS = 20;
const MOST_ACTIONS = 8;

/** Text of one line, or of several; no NUL, which no script may hold. */
const line = (most: number) => z.string().trim().min(1).max(most).regex(/^[^\p{Cc}\p{Cs}]*$/u);
const lines = (most: number) => z.string().max(most).regex(/^[^\0\p{Cs}]*$/u);
/** As SMTP takes it: a platform sends to it. */
const address = z.string().trim().max(320).regex(/^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+$/);
/** The names of a mailbox and those above it, the highest first; `INBOX` for the inbox: the same on any platform. */
const mailbox = z.array(line(255)).min(1).max(20);

const condition = z.discriminatedUnion('field', [
  z.strictObject({ field: z.enum(['from', 'to', 'subject', 'list']), test: z.enum(['contains', 'is', 'not-contains']), value: line(300) }),
  z.strictObject({ field: z.literal('size'), test: z.enum(['over', 'under']), bytes: z.int().min(1).max(2 ** 31 - 1) }),
]);

const action = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['move', 'copy']), mailbox }),
  z.strictObject({ kind: z.enum(['flag', 'read', 'discard', 'stop']) }),
  z.strictObject({ kind: z.literal('forward'), to: address, keepCopy: z.boolean() }),
  z.strictObject({ kind: z.literal('reject'), message: lines(500).min(1) }),
]);

export const ruleSchema = z
  .strictObject({
    name: z.string().trim().max(100).regex(/^[^\p{Cc}\p{Cs}]*$/u),
    enabled: z.boolean(),
    match: z.enum(['all', 'any']),
    /** None: all mail. */
    conditions: z.array(condition).max(MOST_CONDITIONS),
    actions: z.array(action).min(1).max(MOST_ACTIONS),
  })
  // RFC 5429 section 2.1: what is rejected is kept nowhere.
  .refine(({ actions }) => !actions.some(({ kind }) => kind === 'reject' || kind === 'discard') || actions.every(({ kind }) => kind === 'reject' || kind === 'discard' || kind === 'stop'), { path: ['actions'], message: 'what is rejected or thrown away is not also kept' });

/** RFC 8621 section 8. */
export const vacationSchema = z.strictObject({
  isEnabled: z.boolean(),
  /** UTC. */
  fromDate: z.iso.datetime().nullable(),
  toDate: z.iso.datetime().nullable(),
  subject: z.string().max(200).regex(/^[^\p{Cc}\p{Cs}]*$/u).nullable(),
  textBody: lines(10_000).nullable(),
  htmlBody: lines(20_000).nullable(),
});

export type Condition = z.infer<typeof condition>;
export type Action = z.infer<typeof action>;
export type Rule = z.infer<typeof ruleSchema>;
export type Vacation = z.infer<typeof vacationSchema>;

export const partSchema = z.strictObject({ rules: z.array(ruleSchema).max(MOST_RULES), vacation: vacationSchema.nullable() });
/** Our part of a script. */
export type Part = z.infer<typeof partSchema>;

/** What a platform's Sieve can do for us, by RFC 5228's names of extensions. */
export type Able = { readonly move: boolean; readonly flag: boolean; readonly reject: boolean; readonly vacation: boolean; readonly dates: boolean };

/** The answer of `GET /api/filters`. `revision`: what a `PUT` is a change of. */
export type Filters =
  | { readonly available: false }
  | {
      readonly available: true;
      readonly rules: readonly Rule[];
      readonly revision: string;
      readonly able: Able;
      /** Another program's rules are in the active script; they stay, and come after ours. */
      readonly hasOthers: boolean;
      /** Another program changed the script of our rules: they are not what is in effect, and saving brings them back. */
      readonly edited: boolean;
    };

export const filtersBody = z.strictObject({ rules: z.array(ruleSchema).max(MOST_RULES), revision: z.string().max(64) });

/** A script's name (RFC 5804 section 1.6), and its text. */
export const scriptName = z.string().min(1).max(120).regex(/^[^\p{Cc}\p{Cs}]*$/u);
export const scriptBody = z.strictObject({ text: lines(500_000) });
export const activeBody = z.strictObject({ name: scriptName.nullable() });
export type Script = { readonly name: string; readonly active: boolean };
