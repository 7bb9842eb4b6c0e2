/**
 * One request: its method calls in their order, each answered (RFC 8620 sections 3.4 to 3.6).
 *
 * Invariants: never throws and always gives a response; each call has at least one answer, with its call id; a call that
 * fails does not keep the next from running; the answers together stay within RESPONSE_SIZE. Calls run one after the other.
 */
import { CausewayError } from '#errors/index.ts';
import { errorObject, isFault, MethodError, type Problem, problemOf, RequestError } from './errors.ts';
import { type Limits, RESPONSE_SIZE } from './limits.ts';
import { resolveReferences } from './references.ts';
import { type Invocation, parseRequest, type Request } from './request.ts';
import { roughSize } from './size.ts';

export type Answer = Readonly<Record<string, unknown>>;

/** What a method may do besides answering. */
export type Call = {
  /** Creation id → id, of this request so far, with what the client gave. */
  readonly createdIds: Map<string, string>;
  /** Runs another method as if the client had called it; its answer goes behind this call's own (RFC 8621 section 7.5). */
  alsoRun(name: string, args: Record<string, unknown>): void;
};

export type Method<C> = {
  readonly capability: string;
  run(args: Record<string, unknown>, context: C, call: Call): Promise<Answer>;
};

export type Engine<C> = {
  readonly limits: Limits;
  readonly capabilities: ReadonlySet<string>;
  readonly methods: ReadonlyMap<string, Method<C>>;
  /** Told of what is no answer to the client: faults of ours and of platforms. */
  onFault(error: unknown, method: string): void;
};

export type Response = {
  readonly methodResponses: Invocation[];
  readonly createdIds?: Record<string, string>;
  readonly sessionState: string;
};

type Refused = { readonly problem: Problem };
export type Outcome = Refused | { readonly response: Response };

/** @param body of the POST; its content type is for the caller to check */
export async function processRequest<C>(body: Buffer, engine: Engine<C>, context: C, sessionState: string): Promise<Outcome> {
  const read = readRequest(body, engine);
  return 'problem' in read ? read : { response: await answerRequest(read.request, engine, context, sessionState) };
}

/** The first step of `processRequest`, for who wants to know what is asked before it is done. */
export function readRequest(body: Buffer, engine: Pick<Engine<never>, 'limits' | 'capabilities' | 'onFault'>): Refused | { readonly request: Request } {
  try {
    const request = parseRequest(body, engine.limits);
    const unknown = request.using.find((capability) => !engine.capabilities.has(capability));
    if (unknown !== undefined) throw new RequestError('unknownCapability', 'The request uses a capability that this server does not have.');
    return { request };
  } catch (error) {
    if (error instanceof RequestError) return { problem: problemOf(error) };
    engine.onFault(error, 'request');
    return { problem: { type: 'about:blank', status: 500, detail: 'Something went wrong on our side.' } };
  }
}

/** The second step. */
export async function answerRequest<C>(request: Request, engine: Engine<C>, context: C, sessionState: string): Promise<Response> {
  const using = new Set(request.using);
  const createdIds = new Map(Object.entries(request.createdIds ?? {}));
  const responses: Invocation[] = [];
  let room = RESPONSE_SIZE;

  function add(name: string, args: Record<string, unknown>, callId: string): void {
    room -= roughSize(args, Math.max(0, room));
    const fits = room >= 0;
    responses.push(fits ? [name, args, callId] : ['error', { type: 'requestTooLarge', description: 'The answers to this request are too large. Ask for less at once.' }, callId]);
  }

  async function one(name: string, args: Record<string, unknown>, callId: string, isImplied: boolean): Promise<void> {
    const implied: [string, Record<string, unknown>][] = [];
    try {
      const method = engine.methods.get(name);
      if (method === undefined || !(isImplied || using.has(method.capability))) throw new MethodError('unknownMethod');
      if (room <= 0) throw new MethodError('requestTooLarge', 'The answers before this one are too large.');
      const resolved = resolveReferences(args, responses);
      if (roughSize(resolved, engine.limits.maxSizeRequest) > engine.limits.maxSizeRequest) throw new MethodError('requestTooLarge', 'The results referred to are too large.');
      const answer = await method.run(resolved, context, { createdIds, alsoRun: (other, given) => void implied.push([other, given]) });
      add(name, answer, callId);
    } catch (error) {
      if (isFault(error)) engine.onFault(error, name);
      add('error', errorObject(error), callId);
    }
    for (const [other, given] of implied) await one(other, given, callId, true);
  }

  for (const [name, args, callId] of request.methodCalls) await one(name, args, callId, false);
  const response = { methodResponses: responses, sessionState };
  return request.createdIds === undefined ? response : { ...response, createdIds: Object.fromEntries(createdIds) };
}

/** The text of a response. Throws CausewayError 'internal' should an answer hold what JSON cannot. */
export function serialise(response: Response): string {
  try {
    return JSON.stringify(response);
  } catch (cause) {
    throw new CausewayError('internal', 'a response cannot be written as JSON', { cause });
  }
}
