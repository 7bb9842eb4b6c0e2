/** What of a message is its text and what is attached to it: the algorithm of RFC 8621 section 4.1.4. */
import type { Part } from './part.ts';

export type BodyLists = { readonly textBody: Part[]; readonly htmlBody: Part[]; readonly attachments: Part[] };

export function bodyLists(root: Part): BodyLists {
  const textBody: Part[] = [];
  const htmlBody: Part[] = [];
  const attachments: Part[] = [];
  decompose([root], 'mixed', false, htmlBody, textBody, attachments);
  return { textBody, htmlBody, attachments };
}

/** Whether there is something that a person would save: what is shown within the text is not. */
export function hasAttachment({ attachments }: BodyLists): boolean {
  return attachments.some(({ disposition, cid, type }) => disposition !== 'inline' && !(cid !== null && type.startsWith('image/') && disposition !== 'attachment'));
}

function isMedia(type: string): boolean {
  return type.startsWith('image/') || type.startsWith('audio/') || type.startsWith('video/');
}

function decompose(parts: readonly Part[], multipart: string, inAlternative: boolean, html: Part[] | null, text: Part[] | null, attachments: Part[]): void {
  const textLength = text?.length ?? -1;
  const htmlLength = html?.length ?? -1;
  let htmlBody = html;
  let textBody = text;
  parts.forEach((part, index) => {
    const { type } = part;
    const isInline =
      part.disposition !== 'attachment' &&
      (type === 'text/plain' || type === 'text/html' || isMedia(type)) &&
      (index === 0 || (multipart !== 'related' && (isMedia(type) || part.name === null)));
    if (part.subParts !== undefined) {
      const inner = type.slice('multipart/'.length);
      decompose(part.subParts, inner, inAlternative || inner === 'alternative', htmlBody, textBody, attachments);
    } else if (!isInline) {
      attachments.push(part);
    } else if (multipart === 'alternative') {
      if (type === 'text/plain') textBody?.push(part);
      else if (type === 'text/html') htmlBody?.push(part);
      else attachments.push(part);
    } else {
      if (inAlternative && type === 'text/plain') htmlBody = null;
      if (inAlternative && type === 'text/html') textBody = null;
      textBody?.push(part);
      htmlBody?.push(part);
      if ((textBody === null || htmlBody === null) && isMedia(type)) attachments.push(part);
    }
  });
  if (multipart !== 'alternative' || textBody === null || htmlBody === null) return;
  if (textLength === textBody.length && htmlLength !== htmlBody.length) textBody.push(...htmlBody.slice(Math.max(0, htmlLength)));
  else if (htmlLength === htmlBody.length && textLength !== textBody.length) htmlBody.push(...textBody.slice(Math.max(0, textLength)));
}
