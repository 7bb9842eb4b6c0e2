/**
 * One message being written: its text, its files on their way, its draft at the platform, its copy in the browser.
 *
 * Invariants: what the page shows is what is saved next. A message is handed over to be sent only as it was saved last, with
 * all its files.
 */
import { createListeners } from '#ui/listeners.ts';
import { jmap } from '../api/jmap.ts';
import type { Identity } from '../api/types.ts';
import { createDraftStore, type SaveResult } from './draft-store.ts';
import { emailOf, newMessageId } from './email-object.ts';
import { type Attaching, createAttaching } from './attaching.ts';
import { isEmpty, type Attached, type Message } from './message.ts';
import type { Trouble } from './open.ts';
import { createOwnCopy } from './own-copy.ts';
import { createSaving, pauseForSize, type SaveOutcome } from './saving.ts';
import { forEditor } from './safe-html.ts';
import { replaceInHtml } from './signature-in-html.ts';
import { replaceInText, signatureOf } from './signature.ts';
import { blobsOf } from './start.ts';
import { bodiesOf } from './texts.ts';
import { upload } from './upload.ts';
import type { Ready, WritingParts, WritingState } from './writing-state.ts';

export type Writing = ReturnType<typeof createWriting>;

export function createWriting({ start, identities, draftsId, trouble, copyId: resumed }: WritingParts) {
  const copyId = resumed ?? crypto.randomUUID();
  const identityOf = (id: string): Identity | undefined => identities.find((each) => each.id === id) ?? identities[0];
  const messageId = start.messageId ?? newMessageId(crypto.randomUUID(), identityOf(start.message.identityId) ?? { email: '' });
  const store = createDraftStore({ jmap, draftsId, composer: copyId, emailId: start.emailId, isResumed: resumed !== undefined });
  const listeners = createListeners();
  let state: WritingState = { message: start.message, revision: 0, save: { kind: 'unchanged' }, uploads: [], otherId: undefined, trouble, lost: [] };
  const copy = createOwnCopy(copyId, messageId, () => ({ message: state.message, emailId: store.emailId, isSaved: state.save.kind === 'saved' || state.save.kind === 'unchanged' }));

  function become(patch: Partial<WritingState>): void {
    state = { ...state, ...patch };
    listeners.tell();
  }

  const saving = createSaving<Message>({
    after: later,
    now: Date.now,
    pauseFor: (message) => pauseForSize(message.attachments.reduce((sum, { size }) => sum + size, 0)),
    onState(save) {
      become({ save });
      if (save.kind === 'saved') copy.now();
    },
    save: async () => outcomeOf(await saveAs(true)),
  });

  async function saveAs(isDraft: boolean): Promise<SaveResult> {
    const { message } = state;
    const identity = identityOf(message.identityId);
    if (identity === undefined) return { kind: 'unreachable' };
    const note = { composer: copyId, mode: message.mode, identityId: identity.id, origin: message.origin };
    const result = await store.save(emailOf({ ...message, messageId }, identity, bodiesOf(message), draftsId, isDraft ? note : undefined));
    if (result.kind === 'saved' || result.kind === 'conflict') {
      const blobs = blobsOf(message.attachments, result.attachments);
      become({ message: { ...state.message, attachments: state.message.attachments.map((file) => ({ ...file, blobId: blobs.get(file.id) ?? file.blobId })) } });
    }
    if (result.kind === 'conflict') become({ otherId: result.otherId });
    if (result.kind === 'blobs-gone') restoreFiles(result.blobIds);
    return result;
  }

  function outcomeOf(result: SaveResult): SaveOutcome {
    if (result.kind === 'refused') return { kind: 'refused', sentence: result.sentence ?? '' };
    // Its files are on their way again, or were taken out: what is left is saved next.
    return result.kind === 'blobs-gone' ? { kind: 'unreachable' } : { kind: result.kind };
  }

  function typed(): void {
    if (isEmpty(state.message) && store.emailId === undefined) return;
    saving.typed(state.message);
    copy.soon();
  }

  function change(patch: Partial<Message>): void {
    become({ message: { ...state.message, ...patch }, trouble: undefined });
    typed();
  }

  const attaching: Attaching = createAttaching({
    upload,
    after: later,
    onUploads: (uploads) => become({ uploads }),
    onAttached: (file) => change({ attachments: [...state.message.attachments, file] }),
  });

  /** Uploads live for an hour, and not longer than the server's process; what the browser still has goes again. */
  function restoreFiles(blobIds: readonly string[]): void {
    for (const gone of state.message.attachments.filter(({ blobId }) => blobIds.includes(blobId))) {
      become({ message: { ...state.message, attachments: state.message.attachments.filter(({ id }) => id !== gone.id) } });
      if (!attaching.restore(gone)) become({ lost: [...state.lost, gone.name] });
    }
    typed();
  }

  return {
    copyId,
    identities,
    getState: (): WritingState => state,
    subscribe: listeners.subscribe,
    change,
    /** The editor is to show it anew. */
    rewrite(patch: Partial<Message>): void {
      become({ revision: state.revision + 1 });
      change(patch);
    },
    /** @param asPicture of the text: resolves with its Content-ID */
    attach(list: readonly File[], asPicture: boolean): Promise<readonly (Attached | undefined)[]> {
      return Promise.all(list.map((file) => attaching.send(crypto.randomUUID(), file, asPicture ? `${crypto.randomUUID()}@causeway` : null)));
    },
    again: attaching.again,
    /** A file that is attached, on its way, or failed. */
    detach(id: string): void {
      attaching.remove(id);
      if (state.message.attachments.some((file) => file.id === id)) change({ attachments: state.message.attachments.filter((file) => file.id !== id) });
    },
    as(identityId: string): void {
      const [before, after] = [state.message.identityId, identityId].map((id) => identityOf(id));
      const [old, now] = [before, after].map((identity) => signatureOf(identity, forEditor)) as [ReturnType<typeof signatureOf>, ReturnType<typeof signatureOf>];
      const { message } = state;
      become({ revision: state.revision + 1 });
      change(message.mode === 'plain' ? { identityId, text: replaceInText(message.text, old.text, now.text, '') } : { identityId, html: replaceInHtml(message.html, old.html, now.html) });
    },
    flush: () => saving.flush(),
    wake(): void {
      saving.wake();
      attaching.wake();
    },
    /** After a conflict. */
    async keepOurs(): Promise<void> {
      await store.keepOurs(state.otherId).catch(() => {});
      become({ otherId: undefined });
      saving.resolved();
    },
    /** The draft is kept; the composer goes. @returns whether all of it is at the platform */
    async close(): Promise<boolean> {
      const { kind } = await saving.flush();
      const isSafe = kind === 'saved' || kind === 'unchanged';
      if (isSafe) this.end();
      return isSafe;
    },
    /** Nothing is kept. @throws ApiError, JmapError where the draft stays for now */
    async discard(): Promise<void> {
      saving.stop();
      attaching.stop();
      await saving.flush();
      this.end();
      await store.destroy();
    },
    /** No more is saved from here. */
    end(): void {
      saving.stop();
      attaching.stop();
      copy.end();
    },
    keepCopy: copy.now,
    /** Saves it as it is to be sent. Undefined: it could not be; the state says why. */
    async ready(): Promise<Ready | undefined> {
      const before = await saving.flush();
      if (before.kind === 'conflict') return undefined;
      const result = await saveAs(false);
      if (result.kind !== 'saved') {
        become({ trouble: { type: result.kind === 'refused' ? result.type : result.kind, sentence: result.kind === 'refused' ? result.sentence : undefined, addresses: [] } });
        return undefined;
      }
      saving.stop();
      const { message } = state;
      copy.untilSent(message, result.emailId);
      return { copyId, message, emailId: result.emailId, messageId };
    },
    say(given: Trouble | undefined): void {
      become({ trouble: given });
    },
  };
}

function later(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}
