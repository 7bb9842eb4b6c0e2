/**
 * Where a message is written and sent from.
 *
 * Invariants: Escape and the cross keep the draft; only "Discard" gives something up, and asks. What cannot be sent stays
 * open with the reason.
 */
import type { Editor } from '@tiptap/react';
import { useEffect, useRef, useState, useSyncExternalStore, type DragEvent, type KeyboardEvent } from 'react';
import { Icon } from '#ui/Icon.tsx';
import { showToast } from '#ui/toasts.ts';
import { useLanguage, useWords } from '#ui/words.ts';
import { DEFAULT_PREFERENCES } from '#webmail/settings/api.ts';
import { downloadUrl } from '../api/session.ts';
import { usePreferences } from '../settings/preferences.ts';
import { Attachments } from './Attachments.tsx';
import { Asking, type Question } from './Asking.tsx';
import { attachFiles } from './attach-files.ts';
import { Envelope } from './Envelope.tsx';
import { Foot } from './Foot.tsx';
import { Frame, type View } from './Frame.tsx';
import { isEmpty } from './message.ts';
import { Notices, SaveStatus } from './Notices.tsx';
import { closeComposer, openComposer, type Open } from './open.ts';
import { preferMode } from './preference.ts';
import { Quoted } from './Quoted.tsx';
import { obstacleOf, questionsOf } from './ready.ts';
import { asciiAddress } from './recipients.ts';
import { RichText } from './RichText.tsx';
import { sendLater } from './sending.ts';
import { inMode } from './texts.ts';
import { takeTyped } from './typed-ahead.ts';
import { maySend } from './useIdentities.ts';
import { words } from './words.ts';
import type { Writing } from './writing.ts';
import { forgetWriting } from './writings.ts';
import styles from './WritingPane.module.css';

export function WritingPane({ open, writing, draftsId, sentId, view, onView }: { readonly open: Open; readonly writing: Writing; readonly draftsId: string; readonly sentId: string | undefined; readonly view: View; readonly onView: (view: View) => void }) {
  const w = useWords(words);
  const language = useLanguage();
  const { undoSendSeconds: undoSeconds } = usePreferences() ?? DEFAULT_PREFERENCES;
  const state = useSyncExternalStore(writing.subscribe, writing.getState);
  const [editor, setEditor] = useState<Editor>();
  const [question, setQuestion] = useState<Question>();
  const [isSending, setSending] = useState(false);
  const [isOver, setOver] = useState(false);
  const text = useRef<HTMLTextAreaElement>(null);
  const { message } = state;
  const goesToText = message.to.length > 0;
  useEffect(() => {
    const area = text.current;
    if (!goesToText || area === null) return;
    area.focus();
    area.setRangeText(takeTyped(open.key), 0, 0, 'end');
    if (area.value !== message.text) writing.change({ text: area.value });
  }, []);

  const urlOf = (cid: string): string | undefined => {
    const file = writing.getState().message.attachments.find((each) => each.cid === cid);
    return file === undefined ? undefined : downloadUrl(file.blobId, file.name, file.type);
  };

  const attach = (list: readonly File[], asPicture: boolean): Promise<void> => attachFiles(list, asPicture, { writing, editor, w, language });

  const shut = (): void => {
    closeComposer(open.key);
    forgetWriting(open.key);
  };
  const close = async (): Promise<void> => {
    const { save, message: now, uploads } = writing.getState();
    // A draft without the file would be said to be kept.
    if (uploads.some(({ fault, isWaiting }) => fault === undefined || isWaiting)) return void showToast({ kind: 'bad', text: w.stillUploading });
    if (isEmpty(now) && save.kind === 'unchanged') {
      writing.end();
      return shut();
    }
    if (await writing.close()) {
      if (save.kind !== 'unchanged') showToast({ text: w.draftSaved });
      return shut();
    }
    showToast({ kind: 'bad', text: w.notSaved });
  };
  const discard = async (): Promise<void> => {
    shut();
    await writing.discard().catch(() => showToast({ kind: 'bad', text: w.discardFailed }));
  };

  const send = async (asked: readonly string[] = []): Promise<void> => {
    if (isSending || !maySend()) return;
    // What stands in a field of recipients becomes a recipient when the field is left; who cannot send goes on where she was.
    const field = document.activeElement;
    if (field instanceof HTMLInputElement) {
      field.blur();
      await Promise.resolve();
      field.focus();
    }
    const now = writing.getState();
    const obstacle = obstacleOf(now, w);
    if (obstacle !== undefined) return writing.say({ type: 'obstacle', sentence: obstacle, addresses: [] });
    const next = questionsOf(now.message).find((each) => !asked.includes(each));
    if (next !== undefined) {
      const [title, words_] = next === 'no-subject' ? [w.noSubjectTitle, w.noSubjectAsk] : [w.noFileTitle, w.noFileAsk];
      return setQuestion({ title, text: words_, yes: w.sendAnyway, no: w.goOn, run: () => void send([...asked, next]) });
    }
    setSending(true);
    const ready = await writing.ready();
    setSending(false);
    if (ready === undefined) return;
    const { identityId, origin, to, cc, bcc } = ready.message;
    const mailFrom = (writing.identities.find(({ id }) => id === identityId) ?? writing.identities[0])?.email ?? '';
    sendLater({ ...ready, identityId, mailFrom, rcptTo: [...new Set([...to, ...cc, ...bcc].map(asciiAddress))], draftsId, sentId, origin, undoSeconds });
    shut();
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if ((event.target as HTMLElement).closest('dialog, [role=menu]') !== null) return;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void send();
    } else if (event.key === 'Escape' && !event.nativeEvent.isComposing) {
      event.stopPropagation();
      void close();
    }
  };
  const hasFiles = (event: DragEvent): boolean => event.dataTransfer.types.includes('Files');
  const setMode = (mode: 'rich' | 'plain'): void => {
    preferMode(mode);
    writing.rewrite(inMode(writing.getState().message, mode));
  };

  return (
    <Frame
      title={message.subject.trim() === '' ? w.newMessage : message.subject}
      view={view}
      status={<SaveStatus save={state.save} />}
      onView={onView}
      onClose={() => void close()}
      onKeyDown={onKeyDown}
      onDragEnter={(event) => hasFiles(event) && setOver(true)}
      onDragOver={(event) => hasFiles(event) && event.preventDefault()}
      onDragLeave={(event) => event.currentTarget.contains(event.relatedTarget as Node | null) || setOver(false)}
      onDrop={(event) => {
        setOver(false);
        if (event.defaultPrevented || !hasFiles(event)) return;
        event.preventDefault();
        void attach([...event.dataTransfer.files], false);
      }}
    >
      <Envelope message={message} identities={writing.identities} onBegin={goesToText ? undefined : () => takeTyped(open.key)} onChange={writing.change} onIdentity={(id) => writing.as(id)} />
      <Notices
        state={state}
        onKeepOurs={() => void writing.keepOurs()}
        onTakeOther={(emailId) => {
          void writing.discard().catch(() => {});
          shut();
          openComposer({ kind: 'draft', emailId });
        }}
      />
      <div className={styles['page']}>
        {message.mode === 'rich' ? (
          <>
            <RichText
              html={message.html}
              revision={state.revision}
              label={w.text}
              urlOf={urlOf}
              onChange={(html) => writing.change({ html })}
              onFiles={(files) => void attach(files, true)}
              onReady={(made) => {
                setEditor(made);
                if (!goesToText) return;
                // At once: the command would wait for a frame, and keys that come before it would go nowhere.
                made.view.dom.focus();
                const ahead = takeTyped(open.key);
                made.commands.focus('start');
                if (ahead !== '') made.commands.insertContent({ type: 'text', text: ahead });
              }}
            />
            {message.quote !== undefined && <Quoted quote={message.quote} urlOf={urlOf} onDrop={() => writing.change({ quote: undefined })} />}
          </>
        ) : (
          <textarea
            ref={text}
            className={styles['plain']}
            aria-label={w.text}
            dir="auto"
            value={message.text}
            onChange={(event) => writing.change({ text: event.target.value })}
            onPaste={(event) => {
              if (event.clipboardData.files.length === 0) return;
              event.preventDefault();
              void attach([...event.clipboardData.files], false);
            }}
          />
        )}
      </div>
      <Attachments files={message.attachments.filter(({ cid }) => cid === null || message.mode === 'plain')} uploads={state.uploads} onRemove={(id) => writing.detach(id)} onAgain={(id) => writing.again(id)} />
      <Foot message={message} editor={editor} isSending={isSending} onSend={() => void send()} onFiles={(files, asPicture) => void attach(files, asPicture)} onMode={setMode} onDiscard={() => void discard()} onAsk={setQuestion} />
      {isOver && (
        <div className={styles['over']} aria-hidden="true">
          <Icon name="attach" size={32} />
          {w.dropHere}
        </div>
      )}
      {question !== undefined && <Asking question={question} onClose={() => setQuestion(undefined)} />}
    </Frame>
  );
}
