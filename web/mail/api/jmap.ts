/**
 * JMAP requests (RFC 8620 section 3): several calls in one, with back-references.
 *
 * Invariant: a call that the server answers with `error` throws; `serverUnavailable` is an outage, as 503 is.
 */
import { ApiError, call } from './http.ts';
import { accountIdOf, getSession } from './session.ts';

export type Call = readonly [method: string, args: Readonly<Record<string, unknown>>, id?: string];

const USING = ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail', 'urn:ietf:params:jmap:submission', 'urn:ietf:params:jmap:vacationresponse', 'urn:ietf:params:jmap:quota'];

/** An error of one method (RFC 8620 section 3.6.2). */
export class JmapError extends Error {
  override readonly name = 'JmapError';
  readonly type: string;
  readonly method: string;
  constructor(method: string, type: string, description: string | undefined) {
    super(description ?? type);
    this.type = type;
    this.method = method;
  }
}

type Answer = { readonly methodResponses: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[]; readonly sessionState: string };

/**
 * Sends calls; each gets the account's id unless it names one.
 * @returns the answers, in order; with implicit ones (onSuccessUpdateEmail) behind theirs
 * @throws ApiError, JmapError
 */
export async function jmap<T extends readonly unknown[] = readonly Readonly<Record<string, unknown>>[]>(calls: readonly Call[], signal?: AbortSignal): Promise<T> {
  const session = getSession();
  const accountId = accountIdOf(session);
  // Only what the server speaks may be named (section 3.3).
  const using = USING.filter((uri) => uri in session.capabilities);
  const methodCalls = calls.map(([method, args, id], at) => [method, method === 'Core/echo' ? args : { accountId, ...args }, id ?? String(at)]);
  const { methodResponses, sessionState } = await call<Answer>(session.apiUrl, { json: { using, methodCalls }, signal });
  if (sessionState !== session.state && sessionState !== told) {
    told = sessionState;
    for (const listener of others) listener();
  }
  return methodResponses.map(([method, result, id]) => {
    if (method !== 'error') return result;
    const type = String(result['type']);
    if (type === 'serverUnavailable') throw new ApiError(503, 'unavailable', result, undefined);
    const asked = methodCalls.find((each) => each[2] === id)?.[0];
    throw new JmapError(String(asked), type, typeof result['description'] === 'string' ? result['description'] : undefined);
  }) as unknown as T;
}

const others = new Set<() => void>();
/** The state of which the listeners were told: many answers bring it. */
let told: string | undefined;

/** Called when the server says that the session is another one than the page has read: the account lives elsewhere, for example. */
export function onOtherSession(listener: () => void): () => void {
  others.add(listener);
  return () => void others.delete(listener);
}

/** One call. @throws ApiError, JmapError */
export async function jmapOne<T>(method: string, args: Readonly<Record<string, unknown>>, signal?: AbortSignal): Promise<T> {
  const [answer] = await jmap<readonly [T]>([[method, args]], signal);
  return answer;
}

/** A back-reference (section 3.7) to an earlier call of the same request. */
export const refer = (resultOf: string, name: string, path: string): object => ({ resultOf, name, path });
