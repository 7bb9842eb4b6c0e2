/** One account's screen: the verdict and its evidence. No Node here. */
import type { Verdict } from '../verdicts/api.ts';
import type { Evidence } from './evidence.ts';

export type { Evidence } from './evidence.ts';

/** `GET`: one account's screen. `404` where there is none. */
export const screenPath = (accountId: number): string => `/api/desk/accounts/${accountId}`;

export type Screen = { readonly verdict: Verdict; readonly evidence: Evidence };
