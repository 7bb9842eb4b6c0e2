/** Which messages are being written: other areas ask for a composer, the dock shows them. */
import { createListeners } from '#ui/listeners.ts';
import type { Address } from '../api/types.ts';
import type { Message } from './message.ts';

export type Wanted =
  | { readonly kind: 'new'; readonly to?: readonly Address[]; readonly cc?: readonly Address[]; readonly bcc?: readonly Address[]; readonly subject?: string; readonly text?: string }
  | { readonly kind: 'reply' | 'reply-all' | 'forward' | 'forward-attached' | 'draft'; readonly emailId: string }
  /** To go on with what was being written: taken back, refused, or found after a crash. */
  | { readonly kind: 'resume'; readonly message: Message; readonly emailId: string | undefined; readonly messageId: string | undefined; readonly copyId: string; readonly trouble?: Trouble };

/** Why it was not sent. */
export type Trouble = { readonly sentence: string | undefined; readonly type: string; readonly addresses: readonly string[] };

export type Open = { readonly key: number; readonly wanted: Wanted };

let open: readonly Open[] = [];
let lastKey = 0;
const listeners = createListeners();

export const getComposers = (): readonly Open[] => open;

export const subscribeComposers = listeners.subscribe;

function put(next: readonly Open[]): void {
  open = next;
  listeners.tell();
}

/** Opens one; a draft that is open already is not opened twice. */
export function openComposer(wanted: Wanted): void {
  if (wanted.kind === 'draft' && open.some((each) => each.wanted.kind === 'draft' && each.wanted.emailId === wanted.emailId)) return;
  lastKey += 1;
  put([...open, { key: lastKey, wanted }]);
}

export function closeComposer(key: number): void {
  put(open.filter((each) => each.key !== key));
}
