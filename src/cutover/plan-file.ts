/**
 * What a plan file says: from which platform to which, in which waves, behind which gates.
 *
 * Invariant: reading a plan changes nothing; two readings of one file over the same accounts give the same waves.
 */
import { z } from 'zod';

const percent = z
  .string()
  .regex(/^\d+(\.\d+)?\s*%$/, 'a percentage such as 1% or 0.5%')
  .transform((text) => Number.parseFloat(text) / 100);

/** Which accounts: exactly one of the three ways. */
const chosen = z.union([
  z.strictObject({ name: z.string().min(1), share: z.union([percent, z.literal('rest')]) }),
  z.strictObject({ name: z.string().min(1), accounts: z.array(z.string().min(1)).min(1) }),
  z.strictObject({
    name: z.string().min(1),
    query: z.strictObject({
      /** Addresses, `*` standing for any run of characters: `*@example.net`, `a*`. */
      address: z.string().min(1).optional(),
      authority: z.string().min(1).optional(),
    }),
  }),
]);

/** Absolute limits. A wave pauses when one is passed. */
export const gateLimits = z
  .strictObject({
    /** Right secrets that were told to be wrong, since the plan began. */
    falseRejections: z.number().int().min(0).default(0),
    /** Accounts of the wave whose last move failed. */
    failedMoves: z.number().int().min(0).default(0),
    /** Accounts of the wave whose verification found a difference that copying again did not mend. */
    receiptMismatches: z.number().int().min(0).default(0),
    /**
     * How far behind the former home of a moved account may be: what came within it would be missing if the target died.
     * Accounts at rest are looked after every quarter of an hour, so that less says nothing.
     */
    followLagSeconds: z.number().int().min(1_800).default(3_600),
    /** Share of sign-ins, sentinels included, that got no verdict in the window. */
    unavailable: percent.default(0.02),
    windowSeconds: z.number().int().min(5).max(3600).default(10),
    /** Below so many sign-ins in the window a share says nothing. */
    minimumSignIns: z.number().int().min(1).default(20),
    /** Calls that the desk is asked for, as a share of what its shift can carry (Erlang C). No gate where it is absent. */
    deskLoad: percent.optional(),
  })
  .prefault({});

export const planFile = z.strictObject({
  plan: z.string().min(1).max(100),
  from: z.string().min(1),
  to: z.string().min(1),
  waves: z.array(chosen).min(1).max(1_000),
  gates: gateLimits,
});

export type PlanFile = z.infer<typeof planFile>;
export type GateLimits = z.infer<typeof gateLimits>;
export type WaveFile = PlanFile['waves'][number];
