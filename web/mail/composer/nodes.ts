/** What the editor knows beside text: pictures that are the message's own, and the signature. */
import { mergeAttributes, Node } from '@tiptap/core';

/** @param urlOf where a picture of the message is; it is asked again each time one is shown */
export function pictureNode(urlOf: (cid: string) => string | undefined) {
  return Node.create({
    name: 'picture',
    inline: true,
    group: 'inline',
    draggable: true,
    addAttributes: () => ({ src: { default: null }, alt: { default: null } }),
    parseHTML: () => [{ tag: 'img[src^="cid:"]' }],
    renderHTML: ({ HTMLAttributes }) => ['img', mergeAttributes(HTMLAttributes)],
    addNodeView: () => ({ node }) => {
      const image = document.createElement('img');
      const source = String(node.attrs['src'] ?? '');
      const url = urlOf(source.slice('cid:'.length));
      if (url !== undefined) image.src = url;
      image.alt = String(node.attrs['alt'] ?? '');
      return { dom: image };
    },
  });
}

export const signatureNode = Node.create({
  name: 'signature',
  group: 'block',
  content: 'block+',
  defining: true,
  addAttributes: () => ({ 'data-signature': { default: '' } }),
  parseHTML: () => [{ tag: 'div[data-signature]' }],
  renderHTML: ({ HTMLAttributes }) => ['div', mergeAttributes(HTMLAttributes), 0],
});
