/** Listens to the keyboard for the whole page, and shows the sheet of what keys do. */
import { lazy, Suspense, useState } from 'react';
import { useLocation } from 'wouter';
import { useKeys } from '#ui/keys/use-keys.ts';
import { useWords } from '#ui/words.ts';
import { byRole, useMailboxes } from '../api/mailboxes.ts';
import type { Role } from '../api/types.ts';
import { openComposer } from '../composer/open.ts';
import { isComposerAwaited } from '../composer/typed-ahead.ts';
import { type Command, type CommandGroup, KEYMAP, press } from './keymap.ts';
import { runCommand, useCommand } from './registry.ts';
import { words } from './words.ts';

const KeySheet = lazy(() => import('#ui/keys/KeySheet.tsx').then(({ KeySheet: component }) => ({ default: component<Command, CommandGroup> })));

const GROUPS: readonly CommandGroup[] = ['moving', 'acting', 'writing', 'going'];

export function Shortcuts() {
  const w = useWords(words);
  const [isSheetOpen, setSheetOpen] = useState(false);
  useKeys(press, runUnlessAwaited);
  useCommand('help', () => setSheetOpen(true));
  useCommand('compose', () => openComposer({ kind: 'new' }));
  useWay('goInbox', 'inbox');
  useWay('goSent', 'sent');
  useWay('goDrafts', 'drafts');
  useWay('goArchive', 'archive');
  const [, go] = useLocation();
  useCommand('goContacts', () => go('/contacts'));
  useCommand('goFlagged', () => go('/search?q=is:flagged'));
  if (!isSheetOpen) return null;
  return (
    <Suspense>
      <KeySheet keymap={KEYMAP} groups={GROUPS} names={w} onClose={() => setSheetOpen(false)} />
    </Suspense>
  );
}

/** Who has asked for a composer writes by now. */
const runUnlessAwaited = (command: Command): boolean => isComposerAwaited() || runCommand(command);

function useWay(command: Command, role: Role): void {
  const { data = [] } = useMailboxes();
  const [, go] = useLocation();
  const box = byRole(data, role);
  useCommand(command, box === undefined ? undefined : () => go(`/mail/${box.id}`));
}
