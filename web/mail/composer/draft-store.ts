/**
 * A draft at the platform: each save is a new email, since emails do not change (RFC 8621 section 4).
 *
 * Invariants: the version before is destroyed only when the new one is there. A version whose saving was not answered is
 * found by its Message-ID and goes, so that no draft is there twice. One that somebody else took away or wrote anew is never
 * written over: that is a conflict, and both are there until the writer chose.
 */
import { ApiError } from '../api/http.ts';
import { type Call, JmapError } from '../api/jmap.ts';
import type { BodyPart, GetAnswer, QueryAnswer, SetAnswer, SetError } from '../api/types.ts';
import { DRAFT_NOTE, PART_PROPERTIES, parseNote } from './email-object.ts';

export type SaveResult =
  | { readonly kind: 'saved'; readonly emailId: string; readonly attachments: readonly BodyPart[] }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'refused'; readonly sentence: string | undefined; readonly type: string }
  /** Uploads that are no longer there. */
  | { readonly kind: 'blobs-gone'; readonly blobIds: readonly string[] }
  /** @param otherId what somebody else made of the draft; undefined: it was sent or deleted */
  | { readonly kind: 'conflict'; readonly otherId: string | undefined; readonly attachments: readonly BodyPart[] };

export type DraftStore = {
  readonly emailId: string | undefined;
  /** @param email as Email/set makes it, with `messageId` */
  save(email: Readonly<Record<string, unknown>>): Promise<SaveResult>;
  /** All versions of it go. @throws ApiError, JmapError */
  destroy(): Promise<void>;
  /** After a conflict: the other's version goes. */
  keepOurs(otherId: string | undefined): Promise<void>;
};

export type DraftParts = {
  readonly jmap: <T extends readonly unknown[]>(calls: readonly Call[]) => Promise<T>;
  /** The mailbox of role `drafts`. */
  readonly draftsId: string;
  /** As in DraftNote. */
  readonly composer: string;
  /** The draft that is opened. */
  readonly emailId?: string | undefined;
  /** A tab that had this composer was ended, and may have been saving. */
  readonly isResumed?: boolean;
};

/** Versions that one composer can leave behind in an outage; the next save looks for more. */
const MOST_FOUND = 20;

type Made = { readonly id: string };
type Noted = { readonly id: string; readonly [DRAFT_NOTE]?: string | null };

export function createDraftStore({ jmap, draftsId, composer, emailId, isResumed = false }: DraftParts): DraftStore {
  let current = emailId;
  /** A save was begun, and it is not known whether it was done. */
  let isUncertain = isResumed;
  /** Older versions that could not be destroyed yet. */
  const leftovers = new Set<string>();

  async function versions(messageId: string): Promise<readonly Noted[]> {
    const [{ ids }] = await jmap<readonly [QueryAnswer]>([['Email/query', { filter: { inMailbox: draftsId, header: ['Message-ID', messageId] }, limit: MOST_FOUND }]]);
    if (ids.length === 0) return [];
    const [{ list }] = await jmap<readonly [GetAnswer<Noted>]>([['Email/get', { ids, properties: ['id', DRAFT_NOTE] }]]);
    return list;
  }

  async function sweep(): Promise<void> {
    const ids = [...leftovers].filter((id) => id !== current);
    if (ids.length === 0) return;
    await jmap([['Email/set', { destroy: ids }]]);
    leftovers.clear();
  }

  async function attempt(email: Readonly<Record<string, unknown>>): Promise<SaveResult> {
    const [messageId = ''] = email['messageId'] as readonly string[];
    if (isUncertain) {
      for (const one of await versions(messageId)) if (one.id !== current && parseNote(one[DRAFT_NOTE])?.composer === composer) leftovers.add(one.id);
    }
    const before = current;
    isUncertain = true;
    const answers = await jmap<readonly unknown[]>([
      ['Email/get', { ids: before === undefined ? [] : [before], properties: ['id'] }],
      ['Email/set', { create: { draft: email } }],
      ['Email/get', { ids: ['#draft'], properties: ['attachments'], bodyProperties: PART_PROPERTIES }],
    ]);
    isUncertain = false;
    const [old, made, now] = answers as readonly [GetAnswer<Made>, SetAnswer<Made>, GetAnswer<{ readonly attachments: readonly BodyPart[] }>];
    const created = made.created?.['draft'];
    if (created === undefined) return refusal(made.notCreated?.['draft']);
    current = created.id;
    const attachments = now.list[0]?.attachments ?? [];
    if (before !== undefined && old.list.length === 0) {
      const others = (await versions(messageId).catch(() => [])).filter((one) => one.id !== current);
      // Versions of our own were found above: the one before went with a save whose answer was lost.
      if (leftovers.size === 0) return { kind: 'conflict', otherId: others.find((one) => parseNote(one[DRAFT_NOTE])?.composer !== composer)?.id, attachments };
    } else if (before !== undefined) leftovers.add(before);
    // The draft is saved; an old version that stays for now harms nobody.
    await sweep().catch(() => {});
    return { kind: 'saved', emailId: created.id, attachments };
  }

  return {
    get emailId() {
      return current;
    },
    async save(email) {
      try {
        return await attempt(email);
      } catch (error) {
        if (error instanceof JmapError && error.type !== 'serverFail') return { kind: 'refused', type: error.type, sentence: undefined };
        if (error instanceof ApiError && error.status >= 400 && error.status < 500 && error.code !== 'signed-out') return { kind: 'refused', type: error.code, sentence: error.sentence };
        if (error instanceof ApiError || error instanceof JmapError) return { kind: 'unreachable' };
        throw error;
      }
    },
    async destroy() {
      if (current !== undefined) leftovers.add(current);
      current = undefined;
      await sweep();
    },
    async keepOurs(otherId) {
      if (otherId !== undefined) leftovers.add(otherId);
      await sweep();
    },
  };
}

function refusal(error: SetError | undefined): SaveResult {
  if (error?.type === 'blobNotFound') return { kind: 'blobs-gone', blobIds: (error as SetError & { readonly notFound?: readonly string[] }).notFound ?? [] };
  if (error === undefined || error.type === 'serverUnavailable' || error.type === 'serverFail') return { kind: 'unreachable' };
  return { kind: 'refused', type: error.type, sentence: error.description };
}
