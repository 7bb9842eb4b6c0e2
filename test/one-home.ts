/**
 * Whether an account's customers and its mail reached one platform at any instant, told by the platforms' own logs.
 *
 * A session of a customer's is one that began with ID, which the gateway sends and nobody else does, or one of POP3 with
 * STAT, which the scenario's customers send at once; the mover and the verifier have sessions of their own at both
 * platforms. An account's last hold ends in a flip only
 * after each instance has said, in the store, that it has cut: what reaches the source later than the last of these
 * words is a breach, and so is what reaches the target before the first of them. Platforms, store and test share one
 * machine's clock; the logs tell milliseconds, so what falls into the same one is left out.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { QueryResultRow } from 'pg';

type Line = { readonly time: string; readonly session: string; readonly port: string; readonly user?: string; readonly command?: string; readonly recipient?: string; readonly result?: string };

export type Flip = { readonly account: string; readonly source: string; readonly target: string; readonly firstCut: number; readonly lastCut: number };

/** What a customer or the world did at a platform. */
export type Act = { readonly platform: string; readonly account: string; readonly at: number; readonly what: string };

/** A scenario's own way to the store. @throws Error that tells how it was lost, when it was */
export type Query = <Row extends QueryResultRow>(text: string, values?: unknown[]) => Promise<Row[]>;

/** Every account's last flip. */
export async function readFlips(query: Query): Promise<Flip[]> {
  const rows = await query<Record<'account' | 'source' | 'target', string> & { first: Date; last: Date; listed: number }>(`
    select a.address as account, m.source, m.target, min(k.at) as first, max(k.at) as last
    from move m join account a on a.id = m.account_id
    join route r on r.account_id = a.id
    join acknowledgement k on k.account_id = a.id and k.epoch = r.epoch and k.stage = 'cut' and k.answer = 'cut'
    where m.state = 'moved' group by a.address, m.source, m.target`);
  return rows.map(({ account, source, target, first, last }) => ({ account, source, target, firstCut: first.getTime(), lastCut: last.getTime() }));
}

export function readActs(platform: string, folder: string): Act[] {
  const lines = readFileSync(join(folder, 'access.log'), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as Line);
  const ours = new Set(lines.filter(({ command }) => command === 'ID' || command === 'STAT').map(({ session }) => session));
  const users = new Map(lines.filter(({ user }) => user !== undefined).map(({ session, user }) => [session, user!]));
  return lines.flatMap(({ time, session, port, command, recipient, result }) => {
    const at = Date.parse(time);
    if (port === 'lmtp') return [{ platform, account: recipient!, at, what: `delivery ${result}` }];
    const account = users.get(session);
    return ours.has(session) && account !== undefined && command !== undefined ? [{ platform, account, at, what: `${port} ${command}` }] : [];
  });
}

/** In words; none when each account had one home. */
export function breaches(flips: readonly Flip[], acts: readonly Act[]): string[] {
  const byAccount = Map.groupBy(acts, ({ account }) => account);
  return flips.flatMap(({ account, source, target, firstCut, lastCut }) =>
    (byAccount.get(account) ?? []).flatMap(({ platform, at, what }) => {
      if (platform === source && at > lastCut) return [`${account}: ${what} at ${source}, ${at - lastCut} ms after the last instance had cut`];
      if (platform === target && at < firstCut) return [`${account}: ${what} at ${target}, ${firstCut - at} ms before any instance had cut`];
      return [];
    }),
  );
}
