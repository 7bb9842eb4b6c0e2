/** What of the history concerns a customer, and how it is told. Pure. */
import type { HistoryLine } from '#webmail/security/api.ts';

export type AskingDevice = { readonly network: string; readonly protocols: readonly string[]; readonly lastAt: string };

/**
 * The devices that have the password itself, by where they are: they ask for the new one after a change, and for an app
 * password where mail programs need one.
 */
export function devicesWithPassword(history: readonly HistoryLine[]): readonly AskingDevice[] {
  const found = new Map<string, AskingDevice>();
  for (const { protocol, network, means, outcome, lastAt } of history) {
    if (protocol === 'webmail' || means !== 'password' || (outcome !== 'accepted' && outcome !== 'app-password-needed')) continue;
    const before = found.get(network);
    const protocols = [...new Set([...(before?.protocols ?? []), protocol])];
    found.set(network, { network, protocols, lastAt: before !== undefined && before.lastAt > lastAt ? before.lastAt : lastAt });
  }
  return [...found.values()].toSorted((a, b) => b.lastAt.localeCompare(a.lastAt));
}

export type Tone = 'good' | 'bad' | 'plain';

/** Red is what somebody did who did not have the right thing; that we could not judge is nobody's fault. */
export function toneOf({ outcome }: Pick<HistoryLine, 'outcome'>): Tone {
  if (outcome === 'accepted') return 'good';
  return outcome === 'rejected' || outcome === 'locked' ? 'bad' : 'plain';
}
