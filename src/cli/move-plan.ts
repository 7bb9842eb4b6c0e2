/** `causeway move --dry-run`: what would be done, account by account. */
import type { Config } from '#config/index.ts';
import type { Entry } from '#directory/read-entries.ts';
import { messageOf } from '#errors/index.ts';
import { systemClock } from '#events/clock.ts';
import { openPlatform } from '#mover/access.ts';
import { printable } from '#mover/compare/label.ts';
import { type Plan, planMove } from '#mover/plan.ts';
import { bytes, table } from './output.ts';

export type AccountPlan = { readonly address: string; readonly source: string; readonly target: string } & (
  | ({ readonly outcome: 'would-move' | 'would-wait' } & Plan)
  | { readonly outcome: 'there' }
  /** A platform does not answer, or not as it should. */
  | { readonly outcome: 'unknown'; readonly error: string }
);

/** Accounts that are looked at side by side: four sessions a platform, well below what a mover opens there. */
const AT_A_TIME = 4;
const COMMAND_MS = 60_000;

/** @param onDone after each account */
export async function planMoves(config: Config, entries: readonly Entry[], target: string, onDone: (plan: AccountPlan) => void): Promise<AccountPlan[]> {
  const plans: AccountPlan[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < entries.length) {
      const at = next++;
      const plan = await planOne(config, entries[at]!, target);
      plans[at] = plan;
      onDone(plan);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_A_TIME, entries.length) }, worker));
  return plans;
}

async function planOne(config: Config, { account, route }: Entry, target: string): Promise<AccountPlan> {
  const common = { address: account.address, source: route.home, target };
  if (route.home === target) return { ...common, outcome: 'there' };
  const access = { clock: systemClock, commandMs: COMMAND_MS, signal: new AbortController().signal, beforeWrite: () => {} };
  const opening = [route.home, target].map(async (name) => {
    const platform = config.platforms[name];
    if (platform === undefined) throw new Error(`the configuration has no platform "${name}"`);
    return openPlatform(platform, account.platformLogins?.[name] ?? account.address, access);
  });
  try {
    const [from, to] = await Promise.all(opening);
    const plan = await planMove(from!, to!);
    return { ...common, outcome: plan.findings.some(({ stops }) => stops) ? 'would-wait' : 'would-move', ...plan };
  } catch (error) {
    return { ...common, outcome: 'unknown', error: messageOf(error) };
  } finally {
    for (const each of await Promise.allSettled(opening)) if (each.status === 'fulfilled') void each.value.logout();
  }
}

const OUTCOMES: Readonly<Record<AccountPlan['outcome'], string>> = {
  'would-move': 'would move',
  'would-wait': 'would wait for a person',
  there: 'lives there already',
  unknown: 'could not be looked at',
};

export function plansText(plans: readonly AccountPlan[]): string {
  const known = plans.flatMap((plan) => ('mailboxes' in plan ? [plan] : []));
  const sum = (of: (plan: (typeof known)[number]) => number): number => known.reduce((total, plan) => total + of(plan), 0);
  const counts = (Object.keys(OUTCOMES) as AccountPlan['outcome'][]).flatMap((outcome) => {
    const count = plans.filter((plan) => plan.outcome === outcome).length;
    return count === 0 ? [] : [`${count} ${OUTCOMES[outcome]}`];
  });
  const [only] = plans;
  return [
    `Nothing was changed. ${plans.length} accounts: ${counts.join(', ')}; ${sum(({ messages }) => messages)} messages, ${bytes(sum((plan) => plan.bytes))}.`,
    ...(plans.length === 1 && only !== undefined && 'mailboxes' in only
      ? ['', table(['MAILBOX', 'AT THE TARGET', 'MESSAGES', 'SIZE'], only.mailboxes.map((each) => [printable(each.source), `${printable(each.target)}${each.exists ? '' : ' (new)'}`, each.messages, bytes(each.bytes)]))]
      : []),
    ...(plans.length > 1
      ? ['', table(['ACCOUNT', 'OUTCOME', 'MAILBOXES', 'MESSAGES', 'SIZE', 'LARGEST'], plans.map((plan) => [plan.address, OUTCOMES[plan.outcome], ...('mailboxes' in plan ? [plan.mailboxes.length, plan.messages, bytes(plan.bytes), bytes(plan.largest)] : ['-', '-', '-', '-'])]))]
      : []),
    ...plans.flatMap((plan) => {
      if (plan.outcome === 'unknown') return ['', `${plan.address}: ${printable(plan.error)}`];
      if (!('findings' in plan) || plan.findings.length === 0) return [];
      return ['', `${plan.address}:`, ...plan.findings.map(({ stops, kind, mailbox, text }) => `  ${stops ? '✗' : '·'} ${kind}: "${printable(mailbox)}" ${text}`)];
    }),
  ].join('\n');
}
