/** What can be done with one mail besides answering: colours, plain text, paper, source, a file. */
import { useState } from 'react';
import { IconButton } from '#ui/Button.tsx';
import { Menu, MenuItem, MenuLine } from '#ui/Menu.tsx';
import { saveFile } from '#ui/save-file.ts';
import { useDark } from '#ui/theme.ts';
import { showToast } from '#ui/toasts.ts';
import { useWords } from '#ui/words.ts';
import { send } from '../api/http.ts';
import { downloadUrl } from '../api/session.ts';
import { openComposer } from '../composer/open.ts';
import { safeName } from './attachments.ts';
import type { View } from './Body.tsx';
import type { ReadEmail } from './read-email.ts';
import { Source } from './Source.tsx';
import { words } from './words.ts';

export function MessageMenu({ email, view, onView, onPrint }: { readonly email: ReadEmail; readonly view: View; readonly onView: (view: View) => void; readonly onPrint: () => void }) {
  const w = useWords(words);
  const isDark = useDark();
  const [isSource, setSource] = useState(false);
  const isHtml = email.htmlBody.some(({ type }) => type === 'text/html');
  const save = async (): Promise<void> => {
    const name = `${safeName(email.subject, w.message).slice(0, 80)}.eml`;
    try {
      saveFile(await (await send(downloadUrl(email.blobId, name, 'message/rfc822'))).blob(), name);
    } catch {
      showToast({ text: w.broken, kind: 'bad' });
    }
  };
  return (
    <>
      <Menu
        items={
          <>
            <MenuItem icon="reply" onSelect={() => openComposer({ kind: 'reply', emailId: email.id })}>
              {w.reply}
            </MenuItem>
            <MenuItem icon="reply-all" onSelect={() => openComposer({ kind: 'reply-all', emailId: email.id })}>
              {w.replyAll}
            </MenuItem>
            <MenuItem icon="forward" onSelect={() => openComposer({ kind: 'forward', emailId: email.id })}>
              {w.forward}
            </MenuItem>
            <MenuItem icon="attach" onSelect={() => openComposer({ kind: 'forward-attached', emailId: email.id })}>
              {w.forwardAttached}
            </MenuItem>
            <MenuLine />
            {isHtml && isDark && !view.plain && (
              <MenuItem icon={view.original ? 'moon' : 'sun'} onSelect={() => onView({ ...view, original: !view.original })}>
                {view.original ? w.darkColours : w.lightColours}
              </MenuItem>
            )}
            {isHtml && (
              <MenuItem icon="file" onSelect={() => onView({ ...view, plain: !view.plain })}>
                {view.plain ? w.asHtml : w.asText}
              </MenuItem>
            )}
            <MenuItem icon="print" onSelect={onPrint}>
              {w.print}
            </MenuItem>
            <MenuItem icon="code" onSelect={() => setSource(true)}>
              {w.source}
            </MenuItem>
            <MenuItem icon="download" onSelect={() => void save()}>
              {w.downloadMessage}
            </MenuItem>
          </>
        }
      >
        <IconButton icon="more" label={w.moreActions} />
      </Menu>
      {isSource && <Source emailId={email.id} blobId={email.blobId} onClose={() => setSource(false)} />}
    </>
  );
}
