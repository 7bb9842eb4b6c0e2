/**
 * Files on their way to the server (RFC 8620 section 6.1), with progress.
 *
 * Invariants: a few at a time, as the server allows; one that was cancelled takes nothing more. A failure is told for its
 * file, and the others go on.
 */
import { uploadUrl } from '../api/session.ts';

export type Uploaded = { readonly blobId: string; readonly type: string; readonly size: number };
export type Uploading = { readonly done: Promise<Uploaded>; cancel(): void };

/** `limits.ts` of the server: maxConcurrentUpload is 4; one is left for another tab. */
const AT_ONCE = 3;

export class UploadError extends Error {
  override readonly name = 'UploadError';
  readonly status: number;
  /** For the customer. */
  readonly sentence: string | undefined;
  constructor(status: number, sentence: string | undefined) {
    super(`upload: ${status}`);
    this.status = status;
    this.sentence = sentence;
  }
}

let running = 0;
const queue: (() => void)[] = [];

function next(): void {
  while (running < AT_ONCE && queue.length > 0) {
    running += 1;
    queue.shift()?.();
  }
}

/** @param onProgress from 0 to 1 @throws (by `done`) UploadError; 'AbortError' of the DOM when cancelled */
export function upload(file: Blob, onProgress: (part: number) => void): Uploading {
  const request = new XMLHttpRequest();
  let start: (() => void) | undefined;
  const done = new Promise<Uploaded>((resolve, reject) => {
    request.upload.addEventListener('progress', ({ loaded, total }) => total > 0 && onProgress(loaded / total));
    request.addEventListener('abort', () => reject(new DOMException('cancelled', 'AbortError')));
    request.addEventListener('error', () => reject(new UploadError(0, undefined)));
    request.addEventListener('load', () => {
      const body = (request.response ?? {}) as Partial<Uploaded> & { readonly sentence?: string };
      if (request.status === 201 && typeof body.blobId === 'string') resolve({ blobId: body.blobId, type: body.type ?? file.type, size: body.size ?? file.size });
      else reject(new UploadError(request.status, body.sentence));
    });
    request.addEventListener('loadend', () => {
      running -= 1;
      next();
    });
    start = () => {
      request.open('POST', uploadUrl());
      request.responseType = 'json';
      request.setRequestHeader('Content-Type', /^[\w.+-]+\/[\w.+-]+$/.test(file.type) ? file.type : 'application/octet-stream');
      request.send(file);
    };
    queue.push(start);
    next();
  });
  return {
    done,
    cancel() {
      const at = start === undefined ? -1 : queue.indexOf(start);
      if (at < 0) return request.abort();
      queue.splice(at, 1);
      request.dispatchEvent(new ProgressEvent('abort'));
    },
  };
}
