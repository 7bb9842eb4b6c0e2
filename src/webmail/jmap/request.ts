/**
 * The request object, read from the bytes of a body (RFC 8620 section 3.3).
 *
 * Invariant: whatever the bytes, the result is a request within the limits or a RequestError.
 */
import * as z from 'zod';
import { RequestError } from './errors.ts';
import { type Limits, REQUEST_DEPTH } from './limits.ts';

export type Invocation = readonly [name: string, args: Record<string, unknown>, callId: string];

export type Request = {
  readonly using: readonly string[];
  readonly methodCalls: readonly Invocation[];
  readonly createdIds?: Record<string, string>;
};

const args = z.custom<Record<string, unknown>>((value) => typeof value === 'object' && value !== null && !Array.isArray(value));

const requestSchema = z.object({
  using: z.array(z.string()),
  methodCalls: z.array(z.tuple([z.string(), args, z.string()])),
  createdIds: z.record(z.string(), z.string()).nullish(),
});

export function parseRequest(body: Buffer, limits: Limits): Request {
  if (body.length > limits.maxSizeRequest) {
    throw new RequestError('limit', `A request has at most ${limits.maxSizeRequest} bytes.`, 'maxSizeRequest');
  }
  const parsed = requestSchema.safeParse(parseJson(body));
  if (!parsed.success) throw new RequestError('notRequest', 'The JSON is no Request object: using and methodCalls are needed.');
  const { using, methodCalls, createdIds } = parsed.data;
  if (methodCalls.length > limits.maxCallsInRequest) {
    throw new RequestError('limit', `A request has at most ${limits.maxCallsInRequest} method calls.`, 'maxCallsInRequest');
  }
  return createdIds == null ? { using, methodCalls } : { using, methodCalls, createdIds };
}

function parseJson(body: Buffer): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new RequestError('notJSON', 'The body is not UTF-8.');
  }
  if (isDeep(text)) throw new RequestError('notRequest', `The JSON is nested deeper than ${REQUEST_DEPTH} levels.`);
  try {
    return JSON.parse(text);
  } catch {
    throw new RequestError('notJSON', 'The body is not JSON.');
  }
}

/** Brackets within strings do not count. Of what is no JSON any answer is right. */
function isDeep(text: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (quoted) {
      if (character === '\\') at += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth -= 1;
    if (depth > REQUEST_DEPTH) return true;
  }
  return false;
}
