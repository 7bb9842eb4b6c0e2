/**
 * The editor of rich texts.
 *
 * Invariant: what is pasted or dropped goes through forEditor; files go to the owner, never into the text as data.
 */
import { DOMSerializer } from '@tiptap/pm/model';
import { type Editor, EditorContent, useEditor } from '@tiptap/react';
import { StarterKit } from '@tiptap/starter-kit';
import { useEffect, useMemo, useRef } from 'react';
import { pictureNode, signatureNode } from './nodes.ts';
import { forEditor } from './safe-html.ts';
import styles from './RichText.module.css';

/** As getHTML gives it, in a document that loads no pictures: the page's would ask for `cid:` addresses. */
function htmlOf({ schema, state }: Editor): string {
  const inert = document.implementation.createHTMLDocument('');
  const holder = inert.createElement('div');
  holder.append(DOMSerializer.fromSchema(schema).serializeFragment(state.doc.content, { document: inert }));
  return holder.innerHTML;
}

export function RichText({ html, revision, label, urlOf, onChange, onFiles, onReady }: {
  readonly html: string;
  /** When it changes the text is taken from `html` again. */
  readonly revision: number;
  readonly label: string;
  readonly urlOf: (cid: string) => string | undefined;
  readonly onChange: (html: string) => void;
  /** Pasted or dropped. */
  readonly onFiles: (files: readonly File[]) => void;
  readonly onReady: (editor: Editor) => void;
}) {
  const latest = useRef({ urlOf, onChange, onFiles });
  latest.current = { urlOf, onChange, onFiles };
  const extensions = useMemo(
    () => [
      StarterKit.configure({ heading: false, code: false, codeBlock: false, horizontalRule: false, strike: false, trailingNode: false, link: { openOnClick: false, autolink: true, defaultProtocol: 'https', protocols: ['mailto', 'tel'], HTMLAttributes: { target: null, rel: null } } }),
      pictureNode((cid) => latest.current.urlOf(cid)),
      signatureNode,
    ],
    [],
  );
  const take = (list: FileList | undefined, event: Event): boolean => {
    const files = [...(list ?? [])];
    if (files.length === 0) return false;
    event.preventDefault();
    latest.current.onFiles(files);
    return true;
  };
  const editor = useEditor({
    extensions,
    content: html,
    injectCSS: false,
    shouldRerenderOnTransaction: false,
    editorProps: {
      attributes: { role: 'textbox', 'aria-multiline': 'true', 'aria-label': label, class: styles['text'] ?? '' },
      transformPastedHTML: forEditor,
      // They send and close (WritingPane.tsx), instead of breaking the line and selecting the paragraph.
      handleKeyDown: (_, { key, ctrlKey, metaKey }) => key === 'Escape' || (key === 'Enter' && (ctrlKey || metaKey)),
      // Programs that copy a picture of the text beside the text itself mean the text.
      handlePaste: (_, event) => (event.clipboardData?.types.includes('text/html') === true && !/^\s*(?:<meta[^>]*>)?\s*<img\b[^>]*>\s*$/i.test(event.clipboardData.getData('text/html')) ? false : take(event.clipboardData?.files, event)),
      handleDrop: (_, event) => take(event.dataTransfer?.files, event),
    },
    onUpdate: ({ editor: now }) => latest.current.onChange(htmlOf(now)),
  });
  const shown = useRef(revision);
  useEffect(() => {
    if (editor !== null) onReady(editor);
    // Told once: the editor lives as long as this component.
  }, [editor]);
  useEffect(() => {
    if (editor === null || shown.current === revision) return;
    shown.current = revision;
    editor.commands.setContent(html, { emitUpdate: false });
  }, [editor, revision, html]);
  return <EditorContent editor={editor} className={styles['editor']} />;
}
