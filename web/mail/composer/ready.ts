/** Whether a message can be sent as it is, and what its writer should be asked first. */
import type { Message } from './message.ts';
import { faultOf } from './recipients.ts';
import { speaksOfAttachment } from './reminder.ts';
import { writtenText } from './texts.ts';
import type { WritingState } from './writing-state.ts';

type Words = { readonly noRecipients: string; readonly stillUploading: string; readonly failedUpload: string; readonly badRecipients: (list: string) => string };

/** Undefined: nothing is in the way. */
export function obstacleOf({ message, uploads }: WritingState, w: Words): string | undefined {
  const all = [...message.to, ...message.cc, ...message.bcc];
  if (all.length === 0) return w.noRecipients;
  const bad = all.filter((one) => faultOf(one) !== undefined);
  if (bad.length > 0) return w.badRecipients(bad.map(({ email }) => email).join(', '));
  if (uploads.some(({ fault, isWaiting }) => fault !== undefined && !isWaiting)) return w.failedUpload;
  return uploads.length > 0 ? w.stillUploading : undefined;
}

export function questionsOf(message: Message): readonly ('no-subject' | 'no-file')[] {
  const isBare = message.attachments.every(({ cid }) => cid !== null);
  return [...(message.subject.trim() === '' ? (['no-subject'] as const) : []), ...(isBare && speaksOfAttachment(message.subject, writtenText(message)) ? (['no-file'] as const) : [])];
}
