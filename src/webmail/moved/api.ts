/** What a customer is told of the last move of the mailbox, as schemas that browsers read too: no Node here. */
import { z } from 'zod';

export const movedSchema = z.object({
  /** Names the move; what is told once is told by it. */
  id: z.number(),
  from: z.string(),
  to: z.string(),
  /** ISO 8601. */
  at: z.string(),
  /** Told already; or so long ago that nobody wants to be told. */
  isSeen: z.boolean(),
  /** What the signed receipt says. Null: the former home was dead, so nothing could be compared. */
  verified: z
    .object({
      mailboxes: z.number(),
      messages: z.number(),
      bytes: z.number(),
      /** Which messages' bytes were read again at the new home. */
      readBack: z.enum(['all', 'sample', 'none']),
      /** Filters and vacation replies; null: the platforms have none. */
      filters: z.number().nullable(),
      /** Ids by which POP3 programs know what they fetched; null: nobody fetches by POP3. */
      pop3Ids: z.number().nullable(),
      /** Mailboxes that have another name now. */
      mapped: z.array(z.object({ mailbox: z.string(), as: z.string() })),
      /** Messages that stayed behind by a person's decision. */
      refused: z.array(z.object({ mailbox: z.string(), bytes: z.number() })),
    })
    .nullable(),
  /** Mail that came after `since` may be missing; `isOver`: it was brought since. Null: nothing is. */
  missing: z.object({ since: z.string(), isOver: z.boolean() }).nullable(),
});

export type Moved = z.infer<typeof movedSchema>;

export const seenBody = z.strictObject({ id: z.number().int() });
