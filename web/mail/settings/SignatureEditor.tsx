/** A small editor of formatted text: words, bold, italic, lists, links. It makes no HTML but its own. */
import { EditorContent, useEditor, useEditorState } from '@tiptap/react';
import { StarterKit } from '@tiptap/starter-kit';
import { useId } from 'react';
import { IconButton } from '#ui/Button.tsx';
import { useWords } from '#ui/words.ts';
import { words } from './words.ts';
import styles from './SignatureEditor.module.css';

export function SignatureEditor({ label, html, onChange }: { readonly label: string; readonly html: string; readonly onChange: (html: string) => void }) {
  const w = useWords(words);
  const id = useId();
  const editor = useEditor({
    extensions: [StarterKit.configure({ heading: false, codeBlock: false, blockquote: false, horizontalRule: false, link: { openOnClick: false, autolink: true, protocols: ['http', 'https', 'mailto', 'tel'] } })],
    content: html,
    // The page's policy takes no style elements; what an editor needs is in our own file.
    injectCSS: false,
    editorProps: { attributes: { 'aria-labelledby': id, role: 'textbox', 'aria-multiline': 'true' } },
    onUpdate: ({ editor: changed }) => onChange(changed.getHTML()),
  });
  const marks = useEditorState({ editor, selector: ({ editor: now }) => ({ bold: now.isActive('bold'), italic: now.isActive('italic'), list: now.isActive('bulletList') }) });
  return (
    <div className={styles['field']}>
      <span id={id} className={styles['label']}>{label}</span>
      <div className={styles['frame']}>
        <div className={styles['bar']} role="toolbar" aria-label={w.format}>
          <IconButton icon="bold" label={w.bold} pressed={marks.bold} onClick={() => editor.chain().focus().toggleBold().run()} />
          <IconButton icon="italic" label={w.italic} pressed={marks.italic} onClick={() => editor.chain().focus().toggleItalic().run()} />
          <IconButton icon="list" label={w.bullets} pressed={marks.list} onClick={() => editor.chain().focus().toggleBulletList().run()} />
        </div>
        <EditorContent editor={editor} className={styles['text']} />
      </div>
    </div>
  );
}
