/** The webmail's keys, as mail programs have had them for twenty years. */
import { createPress, type Keymap } from '#ui/keys/press.ts';

export type CommandGroup = 'moving' | 'acting' | 'writing' | 'going';

/** Command → keys that stand for it, the first of which is shown first. A space separates the keys of a sequence. */
export const KEYMAP = {
  next: { group: 'moving', keys: ['j', 'n'] },
  previous: { group: 'moving', keys: ['k', 'p'] },
  open: { group: 'moving', keys: ['o'] },
  back: { group: 'moving', keys: ['u'] },
  choose: { group: 'moving', keys: ['x'] },
  chooseAll: { group: 'moving', keys: ['* a'] },
  chooseNone: { group: 'moving', keys: ['* n'] },
  archive: { group: 'acting', keys: ['e', 'y'] },
  delete: { group: 'acting', keys: ['#', 'Delete'] },
  spam: { group: 'acting', keys: ['!'] },
  move: { group: 'acting', keys: ['v'] },
  flag: { group: 'acting', keys: ['s'] },
  markRead: { group: 'acting', keys: ['I'] },
  markUnread: { group: 'acting', keys: ['U'] },
  undo: { group: 'acting', keys: ['z'] },
  compose: { group: 'writing', keys: ['c'] },
  reply: { group: 'writing', keys: ['r'] },
  replyAll: { group: 'writing', keys: ['a'] },
  forward: { group: 'writing', keys: ['f'] },
  search: { group: 'going', keys: ['/'] },
  goInbox: { group: 'going', keys: ['g i'] },
  goFlagged: { group: 'going', keys: ['g s'] },
  goSent: { group: 'going', keys: ['g t'] },
  goDrafts: { group: 'going', keys: ['g d'] },
  goArchive: { group: 'going', keys: ['g a'] },
  goContacts: { group: 'going', keys: ['g c'] },
  help: { group: 'going', keys: ['?'] },
} as const satisfies Keymap<string, CommandGroup>;

export type Command = keyof typeof KEYMAP;

export const press = createPress<Command, CommandGroup>(KEYMAP);
