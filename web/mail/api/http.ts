/**
 * Requests to our own server.
 *
 * Invariants: what is refused is told in the server's words for the customer; an outage (503, no network) is
 * `unavailable`, and never taken for a wrong password or the end of a session.
 */
export type FailureCode = 'rejected' | 'signed-out' | 'suspended' | 'closed' | 'scope' | 'second-step' | 'confirm' | 'passkey' | 'code' | 'code-used' | 'code-limit' | 'too-late' | 'unavailable' | 'limit' | 'other';

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: FailureCode;
  /** For the customer; undefined where the server has none. */
  readonly sentence: string | undefined;
  readonly retryAfterMs: number | undefined;
  /** What the server said, for callers that know more of it. */
  readonly body: Readonly<Record<string, unknown>>;
  constructor(status: number, code: FailureCode, body: Readonly<Record<string, unknown>>, retryAfterMs: number | undefined) {
    super(`${status} ${code}`);
    this.status = status;
    this.code = code;
    this.sentence = typeof body['sentence'] === 'string' ? body['sentence'] : undefined;
    this.retryAfterMs = retryAfterMs;
    this.body = body;
  }
}

const CODES: readonly FailureCode[] = ['rejected', 'signed-out', 'suspended', 'closed', 'scope', 'second-step', 'confirm', 'passkey', 'code', 'code-used', 'code-limit', 'too-late', 'unavailable', 'limit'];

export type Ask = { readonly method?: string; readonly json?: unknown; readonly body?: BodyInit; readonly type?: string; readonly signal?: AbortSignal | undefined };

/** @throws ApiError */
export async function send(path: string, { method, json, body, type, signal }: Ask = {}): Promise<Response> {
  const content = json === undefined ? body : JSON.stringify(json);
  const contentType = json === undefined ? type : 'application/json';
  let response: Response;
  try {
    response = await fetch(path, {
      method: method ?? (content === undefined ? 'GET' : 'POST'),
      credentials: 'same-origin',
      ...(content === undefined ? {} : { body: content }),
      ...(contentType === undefined ? {} : { headers: { 'Content-Type': contentType } }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new ApiError(0, 'unavailable', {}, undefined);
  }
  if (response.ok) return response;
  const told = (await response.json().catch(() => ({}))) as Readonly<Record<string, unknown>>;
  const code = CODES.find((each) => each === told['code']) ?? (response.status === 503 ? 'unavailable' : 'other');
  const after = Number(response.headers.get('Retry-After') ?? Number.NaN);
  const error = new ApiError(response.status, code, told, Number.isFinite(after) ? after * 1_000 : undefined);
  if (code === 'signed-out') for (const listener of signedOut) listener();
  throw error;
}

/** When each answer of `call` that is still to come was asked for (ms, as performance.now()). */
const pending = new Set<{ readonly since: number }>();

/** Since when the page has been waiting; undefined: it waits for nothing. */
export function waitsSince(): number | undefined {
  const [first] = pending;
  return first?.since;
}

/** @throws ApiError */
export async function call<T>(path: string, ask: Ask = {}): Promise<T> {
  const waiting = { since: performance.now() };
  pending.add(waiting);
  try {
    const response = await send(path, ask);
    return (await response.json()) as T;
  } finally {
    pending.delete(waiting);
  }
}

/**
 * Lines of JSON, each given as soon as it is there.
 * @returns when there are no more
 * @throws ApiError, also when the last is cut off
 */
export async function callLines(path: string, onLine: (line: unknown) => void, ask: Ask = {}): Promise<void> {
  const waiting = { since: performance.now() };
  pending.add(waiting);
  try {
    const response = await send(path, ask);
    const reader = response.body!.getReader();
    const decoder = new TextDecoder();
    for (let text = ''; ; ) {
      const { done, value } = await reader.read().catch(() => {
        throw new ApiError(0, 'unavailable', {}, undefined);
      });
      text += decoder.decode(value, { stream: !done });
      const lines = text.split('\n');
      text = lines.pop()!;
      for (const line of lines) onLine(JSON.parse(line));
      if (done) return;
    }
  } finally {
    pending.delete(waiting);
  }
}

const signedOut = new Set<() => void>();

/** Called when the server says that this browser's pass is over. */
export function onSignedOut(listener: () => void): () => void {
  signedOut.add(listener);
  return () => void signedOut.delete(listener);
}
