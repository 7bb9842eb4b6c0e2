/**
 * Two accounts of the practice provider for people who look around: with mail of their own, in the waves like everybody,
 * and not judged, since nobody knows what people do.
 */
import { appendFileSync } from 'node:fs';
import { addUsers, seedMailbox, type SeedMessage } from '#practice/index.ts';
import { readMessage } from './dataset.ts';
import { createRandom } from './random.ts';
import type { World } from './world.ts';

export type Guest = { readonly address: string; readonly secret: string };

/** Nobody's secrets: a practice provider's. */
export const GUEST: Guest = { address: 'guest@isp.example', secret: 'come-in-and-look' };
export const FRIEND: Guest = { address: 'friend@isp.example', secret: 'write-me-a-line' };

/** Of the data set, for the guest; the friend has a tenth. */
const MESSAGES = 400;
const FIRST_DAYS_AGO = 420;
const DAY_MS = 86_400_000;

const MAILBOXES: readonly { readonly name: string; readonly specialUse?: string; readonly share: number }[] = [
  { name: 'INBOX', share: 0.6 },
  { name: 'Archive', specialUse: '\\Archive', share: 0.25 },
  { name: 'Travel', share: 0.1 },
  { name: 'Junk', specialUse: '\\Junk', share: 0.05 },
  { name: 'Sent', specialUse: '\\Sent', share: 0 },
  { name: 'Drafts', specialUse: '\\Drafts', share: 0 },
  { name: 'Trash', specialUse: '\\Trash', share: 0 },
];

/** Lays both down beside the customers, at the platform where all are, and in the list that is read in. @param now epoch ms */
export function addGuests(world: World, now: number): void {
  const { old, new: target } = world.platforms;
  for (const guest of [GUEST, FRIEND]) {
    addUsers(old.folder, [{ user: guest.address, secret: guest.secret }], { uidValidityBase: old.uidValidityBase! });
    addUsers(target.folder, [{ user: guest.address }], { uidValidityBase: target.uidValidityBase! });
    layDown(world, guest, guest === GUEST ? MESSAGES : MESSAGES / 10, now);
    appendFileSync(world.paths.accounts, `${guest.address},old,"",old\n`);
  }
}

function layDown({ platforms: { old }, files }: World, guest: Guest, messages: number, now: number): void {
  const random = createRandom(messages);
  const first = messages === MESSAGES ? 0 : MESSAGES;
  let next = first;
  for (const { name, specialUse, share } of MAILBOXES) {
    const letters = Array.from({ length: Math.round(messages * share) }, (_, n, of = Math.round(messages * share)): SeedMessage => {
      const daysAgo = FIRST_DAYS_AGO * (1 - (n + random.next()) / of) ** 2;
      return { bytes: readMessage(files[next++ % files.length]!), flags: random.chance(daysAgo > 4 ? 0.95 : 0.4) ? ['\\Seen'] : [], internalDateMs: Math.floor((now - daysAgo * DAY_MS) / 1_000) * 1_000 };
    });
    seedMailbox(old.folder, guest.address, name, letters, { separator: old.separator!, uidValidityBase: old.uidValidityBase!, subscribe: true, ...(specialUse === undefined ? {} : { specialUse: [specialUse] }) });
  }
}
