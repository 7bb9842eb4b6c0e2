/** Finding a caller: what is asked and answered. No Node here. */
import { z } from 'zod';

/** `GET FIND?q=...`: any part of a name, address, login name, phone or customer number; words in any order. */
export const FIND = '/api/desk/find';

/** More than these nobody reads on a call: the next letter makes them fewer. */
export const FOUND_MOST = 20;
export const QUERY_LENGTH = 200;

export const foundAccount = z.object({
  id: z.number(),
  address: z.string(),
  /** The customer's own name. */
  name: z.string().optional(),
  customerNumber: z.string().optional(),
  state: z.enum(['active', 'suspended', 'send-blocked', 'closed']),
  home: z.string(),
  /** What was found by, where it is neither the address nor the name: a login name, an alias, a phone, a customer number. */
  by: z.object({ what: z.enum(['login name', 'recipient', 'phone', 'customer number']), text: z.string() }).optional(),
});
export type FoundAccount = z.infer<typeof foundAccount>;

/** The best first. `total` counts all that fit. */
export const found = z.object({ accounts: z.array(foundAccount), total: z.number() });
export type Found = z.infer<typeof found>;
