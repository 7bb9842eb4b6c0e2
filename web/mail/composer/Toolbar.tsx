/** Bold and the like, by buttons; the keyboard has its own ways (Ctrl+B and so on). */
import { type Editor, useEditorState } from '@tiptap/react';
import { useState } from 'react';
import { Button, IconButton } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { Field } from '#ui/Field.tsx';
import type { IconName } from '#ui/icons.ts';
import { useWords } from '#ui/words.ts';
import { words } from './words.ts';
import styles from './Toolbar.module.css';

export function Toolbar({ editor }: { readonly editor: Editor }) {
  const w = useWords(words);
  const [linking, setLinking] = useState<string>();
  const on = useEditorState({
    editor,
    selector: ({ editor: now }) => ({ bold: now.isActive('bold'), italic: now.isActive('italic'), underline: now.isActive('underline'), bulletList: now.isActive('bulletList'), orderedList: now.isActive('orderedList'), blockquote: now.isActive('blockquote'), link: now.isActive('link'), href: String(now.getAttributes('link')['href'] ?? '') }),
  });
  const button = (icon: IconName, label: string, pressed: boolean, run: () => void) => (
    // The text keeps its selection.
    <IconButton key={icon} icon={icon} size={18} label={label} pressed={pressed} onMouseDown={(event) => event.preventDefault()} onClick={run} />
  );
  const chain = () => editor.chain().focus();
  return (
    <div className={styles['bar']} role="toolbar" aria-label={w.formatting}>
      {button('bold', `${w.bold} (Ctrl+B)`, on.bold, () => chain().toggleBold().run())}
      {button('italic', `${w.italic} (Ctrl+I)`, on.italic, () => chain().toggleItalic().run())}
      {button('underline', `${w.underline} (Ctrl+U)`, on.underline, () => chain().toggleUnderline().run())}
      {button('list', w.bullets, on.bulletList, () => chain().toggleBulletList().run())}
      {button('list-numbered', w.numbers, on.orderedList, () => chain().toggleOrderedList().run())}
      {button('quote', w.quote, on.blockquote, () => chain().toggleBlockquote().run())}
      {button('link', w.link, on.link, () => setLinking(on.href === '' ? 'https://' : on.href))}
      {linking !== undefined && (
        <LinkDialog
          start={linking}
          isSet={on.link}
          onClose={() => setLinking(undefined)}
          onSet={(href) => {
            setLinking(undefined);
            if (href === undefined) chain().extendMarkRange('link').unsetLink().run();
            else if (editor.state.selection.empty && !on.link) chain().insertContent({ type: 'text', text: href, marks: [{ type: 'link', attrs: { href } }] }).run();
            else chain().extendMarkRange('link').setLink({ href }).run();
          }}
        />
      )}
    </div>
  );
}

function LinkDialog({ start, isSet, onClose, onSet }: { readonly start: string; readonly isSet: boolean; readonly onClose: () => void; readonly onSet: (href: string | undefined) => void }) {
  const w = useWords(words);
  const [href, setHref] = useState(start);
  const whole = /^[a-z][a-z0-9+.-]*:/i.test(href) ? href : `https://${href}`;
  const isGood = /^(?:https?:\/\/[^\s/]+\.?|mailto:\S+@|tel:[+\d])/i.test(whole);
  return (
    <Dialog
      title={w.link}
      onClose={onClose}
      acts={
        <>
          {isSet && <Button kind="quiet" onClick={() => onSet(undefined)}>{w.linkRemove}</Button>}
          <Button kind="main" type="submit" form="composer-link" disabled={!isGood}>{w.linkSet}</Button>
        </>
      }
    >
      <form
        id="composer-link"
        onSubmit={(event) => {
          event.preventDefault();
          if (isGood) onSet(whole.trim());
        }}
      >
        <Field label={w.linkAddress} type="url" inputMode="url" value={href} autoFocus onChange={(event) => setHref(event.target.value)} />
      </form>
    </Dialog>
  );
}
