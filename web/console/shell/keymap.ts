/** The console's keys. An act's key opens its question; nothing happens before a reason is given. */
import { createPress, type Keymap } from '#ui/keys/press.ts';
import { createRegistry } from '#ui/keys/registry.ts';

export type CommandGroup = 'acting' | 'going';
export const GROUPS: readonly CommandGroup[] = ['acting', 'going'];

export const KEYMAP = {
  pause: { group: 'acting', keys: ['p'] },
  resume: { group: 'acting', keys: ['r'] },
  retry: { group: 'acting', keys: ['t'] },
  promote: { group: 'acting', keys: ['n'] },
  abort: { group: 'acting', keys: ['X'] },
  rollBackWave: { group: 'acting', keys: ['b'] },
  holdBack: { group: 'acting', keys: ['h'] },
  down: { group: 'going', keys: ['j'] },
  up: { group: 'going', keys: ['k'] },
  goWaves: { group: 'going', keys: ['g w'] },
  goGates: { group: 'going', keys: ['g g'] },
  goMoves: { group: 'going', keys: ['g m'] },
  goTimeline: { group: 'going', keys: ['g t'] },
  help: { group: 'going', keys: ['?'] },
} as const satisfies Keymap<string, CommandGroup>;

export type Command = keyof typeof KEYMAP;

export const press = createPress<Command, CommandGroup>(KEYMAP);
export const { useCommand, runCommand } = createRegistry<Command>();
