/** Under a message: sending it, how its text looks, files, and what is done seldom. */
import type { Editor } from '@tiptap/react';
import { useRef } from 'react';
import { Button, IconButton } from '#ui/Button.tsx';
import { Menu, MenuItem, MenuLine } from '#ui/Menu.tsx';
import { useWords } from '#ui/words.ts';
import type { Question } from './Asking.tsx';
import { registerMailto } from './mailto-handler.ts';
import { isEmpty, type Message } from './message.ts';
import { Toolbar } from './Toolbar.tsx';
import { maySend } from './useIdentities.ts';
import { words } from './words.ts';
import styles from './Foot.module.css';

type Props = {
  readonly message: Message;
  readonly editor: Editor | undefined;
  readonly isSending: boolean;
  readonly onSend: () => void;
  readonly onFiles: (files: readonly File[], asPicture: boolean) => void;
  readonly onMode: (mode: Message['mode']) => void;
  readonly onDiscard: () => void;
  readonly onAsk: (question: Question) => void;
};

export function Foot({ message, editor, isSending, onSend, onFiles, onMode, onDiscard, onAsk }: Props) {
  const w = useWords(words);
  const filePicker = useRef<HTMLInputElement>(null);
  const picturePicker = useRef<HTMLInputElement>(null);
  return (
    <footer className={styles['foot']}>
      <Button kind="main" icon="sent" busy={isSending} disabled={!maySend()} title={maySend() ? 'Ctrl+Enter' : w.cannotSend} onClick={onSend}>
        {w.send}
      </Button>
      {editor !== undefined && message.mode === 'rich' && <Toolbar editor={editor} />}
      <span className={styles['gap']} />
      <IconButton icon="attach" label={w.attach} onClick={() => filePicker.current?.click()} />
      {message.mode === 'rich' && <IconButton icon="image" label={w.picture} onClick={() => picturePicker.current?.click()} />}
      <Menu
        items={
          <>
            {message.mode === 'rich' ? (
              <MenuItem icon="code" onSelect={() => onAsk({ title: w.plainTitle, text: w.plainAsk, yes: w.plainDo, no: w.cancel, run: () => onMode('plain') })}>
                {w.plain}
              </MenuItem>
            ) : (
              <MenuItem icon="bold" onSelect={() => onMode('rich')}>
                {w.rich}
              </MenuItem>
            )}
            <MenuItem icon="globe" onSelect={registerMailto}>
              {w.mailLinks}
            </MenuItem>
            <MenuLine />
            <MenuItem icon="trash" danger onSelect={() => (isEmpty(message) ? onDiscard() : onAsk({ title: w.discardTitle, text: w.discardAsk, yes: w.discard, no: w.keep, isBad: true, run: onDiscard }))}>
              {w.discard}
            </MenuItem>
          </>
        }
      >
        <IconButton icon="more" label={w.more} />
      </Menu>
      {[filePicker, picturePicker].map((ref, index) => (
        <input
          key={index === 0 ? 'files' : 'pictures'}
          ref={ref}
          type="file"
          multiple
          hidden
          accept={index === 0 ? undefined : 'image/png,image/jpeg,image/gif,image/webp'}
          aria-label={index === 0 ? w.attach : w.picture}
          onChange={(event) => {
            onFiles([...(event.target.files ?? [])], index === 1);
            event.target.value = '';
          }}
        />
      ))}
    </footer>
  );
}
