/** How it stands, in one word: what is asked of the shift against what it can carry. */
import type { Load } from '#desk/load/api.ts';

/** From there on one call more is a wait for many: Erlang's curve bends at about nine tenths. */
const NEAR = 0.85;

export function lineOf({ agents, share, callsPerHour }: Pick<Load, 'agents' | 'share' | 'callsPerHour'>): 'calm' | 'near' | 'over' | 'nobody' {
  if (agents === 0) return callsPerHour === 0 ? 'nobody' : 'over';
  return share > 1 ? 'over' : share >= NEAR ? 'near' : 'calm';
}
