/**
 * Requests of the desk and the console.
 *
 * Invariants: what is refused is told in the server's words; an outage (503, no network) is `unavailable`, and never taken
 * for the end of a session; 401 is, and tells all who listen.
 */
import type { StaffFailure } from '#staff/api.ts';

export class StaffError extends Error {
  override readonly name = 'StaffError';
  readonly status: number;
  readonly code: string;
  /** That may be shown; undefined where the server has none. */
  readonly sentence: string | undefined;
  readonly retryAfterMs: number | undefined;
  constructor(status: number, { code, message, sentence }: StaffFailure, retryAfterMs: number | undefined) {
    super(message ?? `${status} ${code}`);
    this.status = status;
    this.code = code;
    this.sentence = sentence;
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * @param path under /api/
 * @param body JSON of a POST; undefined: a GET
 * @throws StaffError
 */
export async function ask<T>(path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      credentials: 'same-origin',
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new StaffError(0, { code: 'unavailable' }, undefined);
  }
  if (response.ok) return (await response.json()) as T;
  const told = (await response.json().catch(() => ({ code: 'other' }))) as StaffFailure;
  const after = Number(response.headers.get('Retry-After') ?? Number.NaN);
  if (response.status === 401) for (const listener of signedOut) listener();
  throw new StaffError(response.status, response.status === 503 ? { ...told, code: 'unavailable' } : told, Number.isFinite(after) ? after * 1_000 : undefined);
}

const signedOut = new Set<() => void>();

/** Called when the server says that nobody is signed in here. */
export function onSignedOut(listener: () => void): () => void {
  signedOut.add(listener);
  return () => void signedOut.delete(listener);
}

/** What to show of a failure. */
export function sentenceOf(error: unknown, otherwise: string): string {
  return error instanceof StaffError ? (error.sentence ?? otherwise) : otherwise;
}
