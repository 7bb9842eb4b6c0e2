/** What is known of one message that is being written. */
import type { Identity } from '../api/types.ts';
import type { Sending } from './attaching.ts';
import type { Message } from './message.ts';
import type { Trouble } from './open.ts';
import type { SaveState } from './saving.ts';
import type { Start } from './start.ts';

export type WritingState = {
  readonly message: Message;
  /** Counts changes of the text that the editor did not make. */
  readonly revision: number;
  readonly save: SaveState;
  readonly uploads: readonly Sending[];
  /** Of a conflict. */
  readonly otherId: string | undefined;
  readonly trouble: Trouble | undefined;
  /** Files that could not be kept. */
  readonly lost: readonly string[];
};

/** A message that is saved as it is to be sent. */
export type Ready = { readonly copyId: string; readonly message: Message; readonly emailId: string; readonly messageId: string };

export type WritingParts = {
  readonly start: Start;
  readonly identities: readonly Identity[];
  readonly draftsId: string;
  readonly trouble: Trouble | undefined;
  /** A copy from before a crash, whose place this one takes. */
  readonly copyId?: string | undefined;
};
