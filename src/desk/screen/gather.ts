/**
 * Gathers the evidence of one account.
 *
 * Invariants: every part is one statement by the account's own index, so what is kept of others does not matter; all run
 * side by side. Nothing is written, and nothing is asked of a platform: the screen is there while all of them are dead.
 */
import { listDeliveries, listDoorFaults, listOutageEnds, listSignInsByReason, type OutageEnd } from '#directory/index.ts';
import { basisText, forecastOfAccount } from '#cutover/forecast/index.ts';
import { readLocks } from '#signin/locks/told.ts';
import type { Store } from '#store/index.ts';
import { attachedIncidents } from '../acts/attached.ts';
import { casesOf } from '../cases/read.ts';
import { guessDevices } from './device.ts';
import type { Evidence, OutageEnds, SignInEvidence, Who } from './evidence.ts';
import { declaredIncidents, machineIncidents } from './incidents.ts';
import { locksNow } from './locks.ts';
import { readMove } from './move.ts';
import { readWho } from './who.ts';

/** Undefined: there is no such account. @throws as the store does */
export async function gather(store: Store, accountId: number): Promise<Evidence | undefined> {
  const at = store.clock.now();
  const [found, moved, signIns, locks, deliveries, forecast, cases, incidents] = await Promise.all([
    readWho(store, accountId),
    readMove(store, accountId),
    signInsOf(store, accountId),
    readLocks(store, accountId),
    listDeliveries(store, accountId),
    forecastOfAccount(store, accountId),
    casesOf(store, accountId),
    attachedIncidents(store, accountId),
  ]);
  if (found === undefined || moved === undefined) return undefined;
  const { who, changes } = found;
  const own = new Set(signIns.filter(({ outcome, network }) => outcome === 'accepted' && network !== 'elsewhere').map(({ network }) => network));
  const attached = new Set([...incidents, ...cases.flatMap(({ incidentId }) => incidentId ?? [])]);
  const [door, ends, machine, declared] = await Promise.all([listDoorFaults(store, [...own]), listOutageEnds(store, [who.authority, who.home, 'ours']), machineIncidents(store, who), declaredIncidents(store, { signIns, move: moved.move, attached })]);
  return {
    at,
    who,
    ...moved,
    move: forecast === undefined ? moved.move : { ...moved.move, forecast: { fromAt: forecast.fromAt.getTime(), toAt: forecast.toAt.getTime(), madeAt: forecast.madeAt.getTime(), basis: basisText(forecast.basis) } },
    signIns,
    locks: locksNow(locks, at),
    back: backOf(who, ends),
    door: door.map(timed),
    deliveries: deliveries.map(timed),
    incidents: [...declared, ...machine].toSorted((a, b) => b.beganAt - a.beganAt),
    cases,
    changes,
  };
}

function backOf({ authority, home }: Pick<Who, 'authority' | 'home'>, ends: readonly OutageEnd[]): OutageEnds {
  const at = (name: string, of: OutageEnd['service']): number | undefined => ends.find(({ platform, service }) => platform === name && service === of)?.backAt.getTime();
  const [check, ours, way] = [at(authority, 'check'), at('ours', 'check'), at(home, 'way')];
  return { ...(check === undefined ? {} : { check }), ...(ours === undefined ? {} : { ours }), ...(way === undefined ? {} : { way }) };
}

async function signInsOf(store: Store, accountId: number): Promise<SignInEvidence[]> {
  const rows = await listSignInsByReason(store, accountId);
  const guesses = guessDevices(rows);
  return rows.map((row, at) => ({ ...timed(row), deviceGuess: guesses[at]! }));
}

function timed<T extends { readonly firstAt: Date; readonly lastAt: Date }>({ firstAt, lastAt, ...row }: T): Omit<T, 'firstAt' | 'lastAt'> & { firstAt: number; lastAt: number } {
  return { ...row, firstAt: firstAt.getTime(), lastAt: lastAt.getTime() };
}
