/**
 * Which account moves in which wave.
 *
 * Invariants: no account is in two waves: the first wave that names it has it. The order within a share comes from a
 * hash of the address, so that a wave is a fair sample and the same each time.
 */
import { createHash } from 'node:crypto';
import { CausewayError } from '#errors/index.ts';
import type { WaveFile } from './plan-file.ts';

export type Candidate = { readonly id: number; readonly address: string; readonly authority: string };
export type ChosenWave = { readonly name: string; readonly accounts: readonly Candidate[] };

/**
 * @param candidates every account whose home is the plan's source
 * @throws CausewayError `input` when a wave names an account that is not among them, or ends up empty
 */
export function chooseWaves(waves: readonly WaveFile[], candidates: readonly Candidate[], place: string): ChosenWave[] {
  const ordered = candidates
    .map((candidate) => ({ candidate, key: createHash('sha256').update(candidate.address).digest('hex') }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ candidate }) => candidate);
  const byAddress = new Map(candidates.map((candidate) => [candidate.address.toLowerCase(), candidate]));
  const free = new Set(ordered);
  // Lists and queries come first, so that a share cannot take an account which a later wave names.
  const named = new Map(waves.map((wave) => [wave, 'share' in wave ? [] : pick(wave, free, byAddress, place)]));
  const chosen = waves.map((wave) => {
    if (!('share' in wave)) return { name: wave.name, accounts: named.get(wave)! };
    const count = wave.share === 'rest' ? free.size : Math.max(1, Math.round(wave.share * candidates.length));
    const accounts = [...free].slice(0, count);
    for (const account of accounts) free.delete(account);
    return { name: wave.name, accounts };
  });
  for (const wave of chosen) {
    if (wave.accounts.length > 0) continue;
    throw new CausewayError('input', `wave "${wave.name}" has no account`, {
      place,
      remedy: 'Every account of the source is in an earlier wave, or none fits the query. Drop the wave or widen it.',
    });
  }
  return chosen;
}

function pick(
  wave: Exclude<WaveFile, { share: unknown }>,
  free: Set<Candidate>,
  byAddress: ReadonlyMap<string, Candidate>,
  place: string,
): Candidate[] {
  const accounts = 'accounts' in wave ? listed(wave, byAddress, place) : [...free].filter((candidate) => fits(candidate, wave.query));
  const taken = accounts.filter((account) => free.has(account));
  for (const account of taken) free.delete(account);
  return taken;
}

function listed(wave: { name: string; accounts: readonly string[] }, byAddress: ReadonlyMap<string, Candidate>, place: string): Candidate[] {
  return wave.accounts.map((address) => {
    const candidate = byAddress.get(address.toLowerCase());
    if (candidate !== undefined) return candidate;
    throw new CausewayError('input', `wave "${wave.name}" names ${address}, which is no account at the source`, {
      place,
      remedy: `See where it lives: causeway account show ${address}`,
    });
  });
}

function fits(candidate: Candidate, query: { address?: string | undefined; authority?: string | undefined }): boolean {
  if (query.authority !== undefined && candidate.authority !== query.authority) return false;
  if (query.address === undefined) return true;
  const pattern = query.address.toLowerCase().split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*');
  return new RegExp(`^${pattern}$`).test(candidate.address.toLowerCase());
}
