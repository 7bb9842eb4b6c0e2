/**
 * Files on their way into one message.
 *
 * Invariants: a file is attached once, when all of it is there. An outage is waited for, and the file goes again by itself,
 * the later the longer it lasts; what the server refuses waits for the writer. One that is taken out goes no more.
 */
import type { Attached } from './message.ts';
import { type Uploading, UploadError } from './upload.ts';

export type Sending = {
  readonly file: File;
  readonly id: string;
  /** From 0 to 1. */
  readonly part: number;
  readonly fault: UploadError | undefined;
  /** After an outage: it goes again by itself. */
  readonly isWaiting: boolean;
};

export type AttachingParts = {
  upload(file: File, onProgress: (part: number) => void): Uploading;
  /** @returns cancels it */
  after(ms: number, run: () => void): () => void;
  onUploads(uploads: readonly Sending[]): void;
  onAttached(file: Attached): void;
};

export type Attaching = {
  /** @param cid of a picture of the text @returns undefined: it was taken out, or refused */
  send(id: string, file: File, cid: string | null): Promise<Attached | undefined>;
  /** The writer says so. */
  again(id: string): void;
  remove(id: string): void;
  /** Sent anew, where the browser still has its bytes. @returns whether it has */
  restore(gone: Attached): boolean;
  /** The network or the server is said to be back. */
  wake(): void;
  stop(): void;
};

/** As drafts are saved in an outage (saving.ts). */
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

/** No network, or a server that cannot at the moment; what a proxy says of a server that is being started again is among it. */
const isOutage = (error: UploadError): boolean => error.status === 0 || error.status >= 500;

export function createAttaching({ upload, after, onUploads, onAttached }: AttachingParts): Attaching {
  let uploads: readonly Sending[] = [];
  const running = new Map<string, Uploading>();
  /** Whose bytes are still here, by the attachment's id. */
  const files = new Map<string, File>();
  /** What waits after an outage: resolves when it is to go again, with whether it is to go at all. */
  const waiting = new Map<string, (goes: boolean) => void>();

  function put(id: string, one: Omit<Sending, 'id'> | undefined): void {
    const others = uploads.filter((each) => each.id !== id);
    uploads = one === undefined ? others : uploads.some((each) => each.id === id) ? uploads.map((each) => (each.id === id ? { id, ...one } : each)) : [...uploads, { id, ...one }];
    onUploads(uploads);
  }

  function wait(id: string, ms: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const cancel = after(ms, () => resolve(true));
    waiting.set(id, resolve);
    return promise.finally(() => {
      cancel();
      waiting.delete(id);
    });
  }

  async function send(id: string, file: File, cid: string | null): Promise<Attached | undefined> {
    for (let retryMs = FIRST_RETRY_MS; ; retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS)) {
      put(id, { file, part: 0, fault: undefined, isWaiting: false });
      const uploading = upload(file, (part) => put(id, { file, part, fault: undefined, isWaiting: false }));
      running.set(id, uploading);
      try {
        const { blobId, size } = await uploading.done;
        const type = /^[\w.+-]+\/[\w.+-]+$/.test(file.type) ? file.type : 'application/octet-stream';
        const attached: Attached = { id, blobId, size, type, name: file.name === '' ? `file.${type.split('/')[1] ?? 'bin'}` : file.name, cid };
        files.set(id, file);
        put(id, undefined);
        onAttached(attached);
        return attached;
      } catch (error) {
        const fault = error instanceof UploadError ? error : undefined;
        const isWaiting = fault !== undefined && isOutage(fault);
        put(id, fault === undefined ? undefined : { file, part: 0, fault, isWaiting });
        if (!isWaiting) return undefined;
      } finally {
        running.delete(id);
      }
      if (!(await wait(id, retryMs))) return undefined;
    }
  }

  return {
    send,
    again(id) {
      const goes = waiting.get(id);
      if (goes !== undefined) return goes(true);
      const one = uploads.find((each) => each.id === id);
      if (one !== undefined) void send(id, one.file, null);
    },
    remove(id) {
      running.get(id)?.cancel();
      waiting.get(id)?.(false);
      put(id, undefined);
    },
    restore(gone) {
      const file = files.get(gone.id);
      if (file !== undefined) void send(gone.id, file, gone.cid);
      return file !== undefined;
    },
    wake() {
      for (const goes of waiting.values()) goes(true);
    },
    stop() {
      for (const each of running.values()) each.cancel();
      for (const goes of waiting.values()) goes(false);
    },
  };
}
