/** What can be done with emails: the one way for the list, the reader and the keyboard. */
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { showToast } from '#ui/toasts.ts';
import { say } from '#ui/words.ts';
import { jmapOne } from '../api/jmap.ts';
import { keys } from '../api/keys.ts';
import { byRole } from '../api/mailboxes.ts';
import type { Mailbox, Role, SetAnswer } from '../api/types.ts';
import { sayMailboxName } from '../mailboxes/names.ts';
import { moveTo, setKeyword } from './patch.ts';
import { destroy, perform, undo } from './perform.ts';
import type { Targets } from './targets.ts';
import { words } from './words.ts';

export type Actions = {
  archive(targets: Targets): Promise<void>;
  /** To the trash; from there `deleteForever` is asked for by who calls. */
  trash(targets: Targets): Promise<void>;
  deleteForever(targets: Targets): Promise<void>;
  move(targets: Targets, mailbox: Mailbox): Promise<void>;
  spam(targets: Targets): Promise<void>;
  notSpam(targets: Targets): Promise<void>;
  flag(targets: Targets, on: boolean): Promise<void>;
  /** @param silent of an email that was opened: nothing is said, nothing can be undone */
  read(targets: Targets, on: boolean, silent?: boolean): Promise<void>;
  undo(): Promise<void>;
};

/** Names of mailboxes that are made when they are first needed: those by which mail programs know them. */
const NAMES: Partial<Record<Role, string>> = { archive: 'Archive', trash: 'Trash', junk: 'Junk' };

export function useActions(): Actions {
  const client = useQueryClient();
  return useMemo(() => createActions(client), [client]);
}

function createActions(client: QueryClient): Actions {
  /** The mailbox of a role, made where there is none. */
  async function withRole(role: Role, act: (id: string) => Promise<void>): Promise<void> {
    try {
      const found = byRole(client.getQueryData<readonly Mailbox[]>(keys.mailboxes) ?? [], role);
      if (found !== undefined) return await act(found.id);
      const { created } = await jmapOne<SetAnswer<{ readonly id: string }>>('Mailbox/set', { create: { made: { ...named(role), parentId: null, isSubscribed: true } } });
      const id = created?.['made']?.id;
      if (id === undefined) throw new Error(`no mailbox for ${role}`);
      await client.invalidateQueries({ queryKey: keys.mailboxes });
      await act(id);
    } catch {
      showToast({ text: say(words).broken, kind: 'bad' });
    }
  }
  /** Where its owner uses the mailbox of that name for nothing, another name, which says nothing by itself. */
  function named(role: Role): { readonly name: string; readonly role?: Role } {
    const name = NAMES[role] ?? role;
    const isTaken = client.getQueryData<readonly Mailbox[]>(keys.mailboxes)?.some((each) => each.parentId === null && each.name === name) === true;
    return isTaken ? { name: `${name} 2`, role } : { name };
  }
  const w = (): typeof words.en => say(words) as typeof words.en;
  return {
    archive: (targets) => withRole('archive', (id) => perform(client, { targets, patch: moveTo(id), done: (count) => w().moved(count, nameById(client, id)) })),
    trash: (targets) => withRole('trash', (id) => perform(client, { targets, patch: moveTo(id), done: w().deleted })),
    deleteForever: (targets) => destroy(client, targets),
    move: (targets, box) => perform(client, { targets, patch: moveTo(box.id), done: (count) => w().moved(count, sayMailboxName(box)) }),
    spam: (targets) => withRole('junk', (id) => perform(client, { targets, patch: { ...moveTo(id), ...setKeyword('$junk', true), ...setKeyword('$notjunk', false) }, done: w().isSpam })),
    notSpam: (targets) => withRole('inbox', (id) => perform(client, { targets, patch: { ...moveTo(id), ...setKeyword('$junk', false), ...setKeyword('$notjunk', true) }, done: w().isNotSpam })),
    flag: (targets, on) => perform(client, { targets, patch: setKeyword('$flagged', on), done: on ? w().flagged : w().unflagged }),
    read: (targets, on, silent = false) => perform(client, { targets, patch: setKeyword('$seen', on), ...(silent ? {} : { done: on ? w().read : w().unread }) }),
    undo: () => undo(client),
  };
}

function nameById(client: QueryClient, id: string): string {
  const box = client.getQueryData<readonly Mailbox[]>(keys.mailboxes)?.find((each) => each.id === id);
  return box === undefined ? '' : sayMailboxName(box);
}
