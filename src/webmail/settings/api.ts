/**
 * What a customer sets about the portal's pages, as a schema that browsers read too: no Node here.
 *
 * Invariants: each field has a default, so an account without a row has settings, and a field that a later version knows
 * no more, or does not understand, costs that field alone. All of it is bounded: 2,000 senders of 320 characters at most.
 */
import { z } from 'zod';

/** Senders whose remote content is shown. A customer adds them one by one. */
export const MOST_SENDERS = 2_000;
/** Longer, and people close the window before it is sent. */
export const MOST_UNDO_SECONDS = 30;

/** In lower case: one sender is listed once, however his name is written. */
const sender = z.string().trim().toLowerCase().regex(/^[^\s@]{1,64}@[^\s@]{1,255}$/);

const fields = {
  /** BCP 47; null: as the browser says. */
  language: z.string().regex(/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$/).nullable(),
  theme: z.enum(['system', 'light', 'dark']),
  density: z.enum(['comfortable', 'compact']),
  /** Whether the list shows a message's first words. */
  preview: z.boolean(),
  /** 0: sent at once. */
  undoSendSeconds: z.int().min(0).max(MOST_UNDO_SECONDS),
  remoteContentFrom: z.array(sender).max(MOST_SENDERS).transform((list) => [...new Set(list)]),
};

export type Preferences = { readonly [K in keyof typeof fields]: z.infer<(typeof fields)[K]> };

export const DEFAULT_PREFERENCES: Preferences = { language: null, theme: 'system', density: 'comfortable', preview: true, undoSendSeconds: 10, remoteContentFrom: [] };

/** The body of `PUT /api/settings`: what is named is replaced, all else stays. */
export const preferencesBody = z.strictObject(fields).partial();
export type PreferencesBody = z.infer<typeof preferencesBody>;

/** What was kept, field by field; what is not understood is the default. */
export function preferencesOf(kept: unknown): Preferences {
  const found = typeof kept === 'object' && kept !== null ? (kept as Record<string, unknown>) : {};
  const read = Object.entries(fields).flatMap(([name, schema]) => {
    const parsed = schema.safeParse(found[name]);
    return parsed.success ? [[name, parsed.data] as const] : [];
  });
  return { ...DEFAULT_PREFERENCES, ...Object.fromEntries(read) };
}
