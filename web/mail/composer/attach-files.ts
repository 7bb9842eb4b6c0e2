/** What becomes of files that a writer chose, dropped or pasted: pictures of the text, attachments, or too large. */
import type { Editor } from '@tiptap/react';
import { sizeText } from '#ui/size-text.ts';
import { showToast } from '#ui/toasts.ts';
import { attachmentLimits } from './sizes.ts';
import type { Writing } from './writing.ts';

/** What a browser shows in a text, and the server hands out as a picture. */
const PICTURE = /^image\/(?:png|jpeg|gif|webp)$/;

type Words = { tooLarge(name: string, size: string): string; tooLargeAll(size: string): string };
type Into = { readonly writing: Writing; readonly editor: Editor | undefined; readonly w: Words; readonly language: string };

/** @param asPicture those that can be shown stand in the text */
export async function attachFiles(list: readonly File[], asPicture: boolean, { writing, editor, w, language }: Into): Promise<void> {
  const { one, all } = attachmentLimits();
  const { message, uploads } = writing.getState();
  let sum = [...message.attachments, ...uploads.map(({ file }) => file)].reduce((total, { size }) => total + size, 0);
  const taken: File[] = [];
  for (const file of list) {
    const isTooLarge = file.size > one;
    if (isTooLarge || sum + file.size > all) showToast({ kind: 'bad', text: isTooLarge ? w.tooLarge(file.name, sizeText(one, language)) : w.tooLargeAll(sizeText(all, language)) });
    else {
      sum += file.size;
      taken.push(file);
    }
  }
  const pictures = asPicture && message.mode === 'rich' ? taken.filter(({ type }) => PICTURE.test(type)) : [];
  const [shown] = await Promise.all([writing.attach(pictures, true), writing.attach(taken.filter((file) => !pictures.includes(file)), false)]);
  for (const picture of shown) {
    if (picture !== undefined) editor?.chain().focus().insertContent({ type: 'picture', attrs: { src: `cid:${picture.cid}`, alt: picture.name } }).run();
  }
}
