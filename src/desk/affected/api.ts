/** Who is affected: live counts and lists of accounts. No Node here. */
import { z } from 'zod';

/** `GET`: how many accounts fit, and by each value of each of PARTS. */
export const AFFECTED = '/api/desk/affected';
/** `GET`: the accounts themselves, a page from `after` on. */
export const AFFECTED_LIST = '/api/desk/affected/accounts';
/** `GET`: all of them, as CSV. */
export const AFFECTED_CSV = '/api/desk/affected.csv';

export const AFFECTED_PAGE = 200;

/** What counts are made by. `verdict`: how a secret's presentation ended. `incident`: whether an open one is of the account's platform or authority, or it has an open case of one. */
export const PARTS = ['platform', 'wave', 'protocol', 'client', 'verdict', 'reason', 'incident'] as const;
export type Part = (typeof PARTS)[number];
/** `stopped`: the account's state, or an app password for another protocol. */
export const VERDICTS = ['accepted', 'rejected', 'locked', 'unavailable', 'stopped'] as const;

/** What is absent leaves all in. Accounts count that presented a secret since `since` (ms since the epoch). */
export const affectedQuery = z.strictObject({
  platform: z.string().max(100).optional(),
  /** Its number in the newest plan; 0: in none. */
  wave: z.coerce.number().int().min(0).optional(),
  protocol: z.string().max(20).optional(),
  client: z.string().max(200).optional(),
  verdict: z.enum(VERDICTS).optional(),
  reason: z.string().max(30).optional(),
  incident: z.enum(['in', 'out']).optional(),
  /** Only those whose last presentation did not get in. */
  out: z.stringbool().optional(),
  /** Ninety minutes ago where absent: what a device does again and again is written down hourly. */
  since: z.coerce.number().int().min(0).optional(),
});
export type AffectedQuery = z.infer<typeof affectedQuery>;
export const affectedListQuery = affectedQuery.extend({ after: z.coerce.number().int().min(0).default(0) });

export type AffectedCounts = {
  readonly at: number;
  readonly since: number;
  readonly accounts: number;
  /** The most first, 50 at most. One account may count under several values of a part. */
  readonly by: Readonly<Record<Part, readonly { readonly value: string; readonly accounts: number }[]>>;
};

export type AffectedAccount = {
  readonly id: number;
  readonly address: string;
  readonly platform: string;
  readonly wave?: number;
  readonly incident: boolean;
  readonly protocols: readonly string[];
  readonly clients: readonly string[];
  readonly verdicts: readonly string[];
  readonly reasons: readonly string[];
  readonly lastAt: number;
};
/** In the order of their ids. `next`: the `after` of what follows; absent: that was all. */
export type AffectedList = { readonly accounts: readonly AffectedAccount[]; readonly next?: number };
