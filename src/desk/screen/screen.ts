/** One account's screen as it is at this moment: the evidence, and the verdict on it. */
import type { Store } from '#store/index.ts';
import { diagnose } from '../verdicts/diagnose.ts';
import type { Screen } from './api.ts';
import { gather } from './gather.ts';

/** Undefined: there is no such account. @throws as the store does */
export async function screenOf(store: Store, accountId: number): Promise<Screen | undefined> {
  const evidence = await gather(store, accountId);
  return evidence === undefined ? undefined : { verdict: diagnose(evidence, evidence.at), evidence };
}
