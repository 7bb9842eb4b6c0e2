/** The desk's keys: one hand, one call. */
import { createPress, type Keymap } from '#ui/keys/press.ts';
import { createRegistry } from '#ui/keys/registry.ts';

export type CommandGroup = 'call' | 'case' | 'writing' | 'going';
export const GROUPS: readonly CommandGroup[] = ['call', 'case', 'writing', 'going'];

export const KEYMAP = {
  find: { group: 'call', keys: ['/'] },
  nextStep: { group: 'call', keys: ['n'] },
  openCase: { group: 'call', keys: ['c'] },
  acts: { group: 'call', keys: ['a'] },
  device: { group: 'call', keys: ['d'] },
  refresh: { group: 'call', keys: ['r'] },
  down: { group: 'case', keys: ['j'] },
  up: { group: 'case', keys: ['k'] },
  take: { group: 'case', keys: ['t'] },
  write: { group: 'case', keys: ['w'] },
  escalate: { group: 'case', keys: ['e'] },
  callBack: { group: 'case', keys: ['b'] },
  solve: { group: 'case', keys: ['s'] },
  merge: { group: 'case', keys: ['m'] },
  macro: { group: 'case', keys: ['q'] },
  add: { group: 'writing', keys: ['+'] },
  tryIt: { group: 'writing', keys: ['v'] },
  remove: { group: 'writing', keys: ['x', 'Delete'] },
  earlier: { group: 'writing', keys: ['h'] },
  later: { group: 'writing', keys: ['l'] },
  goCases: { group: 'going', keys: ['g c'] },
  goIncidents: { group: 'going', keys: ['g i'] },
  goAffected: { group: 'going', keys: ['g a'] },
  goLoad: { group: 'going', keys: ['g l'] },
  goMacros: { group: 'going', keys: ['g m'] },
  goShifts: { group: 'going', keys: ['g s'] },
  help: { group: 'going', keys: ['?'] },
} as const satisfies Keymap<string, CommandGroup>;

export type Command = keyof typeof KEYMAP;

export const press = createPress<Command, CommandGroup>(KEYMAP);
export const { useCommand, runCommand } = createRegistry<Command>();
