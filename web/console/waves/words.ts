import { defineWords } from '#ui/words.ts';

const en = {
  waves: 'Waves',
  pending: 'to come',
  running: 'now',
  done: 'done',
  calledOff: 'called off',
  of: (moved: string, accounts: string): string => `${moved} of ${accounts}`,
  moved: 'moved',
  inFlight: 'moving',
  queued: 'in line',
  failed: 'failed',
  heldBack: 'held back',
  rolledBack: 'rolled back',
  goingBack: 'going back',
  left: 'to come',
  counts: (parts: string): string => parts,
  ends: (from: string, to: string): string => `ends ${from} – ${to}`,
  endedAt: (at: string): string => `ended ${at}`,
  rollBack: (name: string): string => `Roll back ${name}`,
  rollBackShort: 'Roll back',
};

export const words = defineWords({ en, es: en });
