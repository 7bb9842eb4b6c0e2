/** What one customer is told of the own mailbox's move, as a schema that browsers read too: no Node here. */
import { z } from 'zod';

/**
 * `stays`: nothing is planned for it. `planned`: a plan will move it. `copying`: its mail is being copied, and it works as
 * ever. `moving`: the moment of the move itself. `moved`: it is at its new home. `waits`: it could not be moved yet, works
 * where it is, and a person looks after it.
 */
export const answerSchema = z.object({
  place: z.enum(['stays', 'planned', 'copying', 'moving', 'moved', 'waits']),
  /** ISO 8601; of `moved`. */
  movedAt: z.string().nullable(),
  /** When it will have moved, as a range; null where nobody can tell. */
  forecast: z.object({ from: z.string(), to: z.string(), madeAt: z.string() }).nullable(),
  /** The plan is paused. */
  paused: z.boolean(),
});
export type OwnAnswer = z.infer<typeof answerSchema>;
