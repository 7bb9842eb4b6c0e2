/**
 * The errors of JMAP: of a whole request (RFC 7807 problem details), of one method call, of one object of a /set.
 *
 * Invariants: what the client reads is our own sentence, or a fault's sentence for the customer; what a platform or the
 * machinery said stays with us. An outage is never told as anything but `serverUnavailable`.
 */
import { CausewayError } from '#errors/index.ts';

/** RFC 8620 section 3.6.1. */
export class RequestError extends Error {
  readonly type: 'unknownCapability' | 'notJSON' | 'notRequest' | 'limit';
  /** With `limit`: the name of the limit. */
  readonly limit: string | undefined;

  constructor(type: RequestError['type'], detail: string, limit?: string) {
    super(detail);
    this.type = type;
    this.limit = limit;
  }
}

export type Problem = { readonly type: string; readonly status: number; readonly detail: string; readonly limit?: string };

export function problemOf(error: RequestError): Problem {
  // Too many at once is no fault of the request (RFC 6585 section 4).
  const status = error.limit?.startsWith('maxConcurrent') === true ? 429 : error.limit === 'maxSizeUpload' ? 413 : 400;
  const problem = { type: `urn:ietf:params:jmap:error:${error.type}`, status, detail: error.message };
  return error.limit === undefined ? problem : { ...problem, limit: error.limit };
}

/** RFC 8620 section 3.6.2, and the types that methods add. */
export class MethodError extends Error {
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;

  constructor(type: string, description?: string, properties: Readonly<Record<string, unknown>> = {}) {
    super(description ?? type);
    this.type = type;
    this.properties = description === undefined ? properties : { description, ...properties };
  }
}

/** RFC 8620 section 5.3. Thrown by what makes, changes or destroys one object. */
export class SetError extends MethodError {}

export function invalidArguments(description: string): MethodError {
  return new MethodError('invalidArguments', description);
}

export function invalidProperties(properties: readonly string[], description?: string): SetError {
  return new SetError('invalidProperties', description, { properties });
}

/** The arguments of an error response, or a SetError object. Of what is no error of ours nothing is told. */
export function errorObject(error: unknown): Record<string, unknown> {
  if (error instanceof MethodError) return { type: error.type, ...error.properties };
  const sentence = error instanceof CausewayError ? error.customerText : undefined;
  const later = error instanceof CausewayError && error.retryable;
  if (later) return { type: 'serverUnavailable', description: sentence ?? 'Your mail cannot be reached at the moment. Nothing is lost; it will go on by itself.' };
  return { type: 'serverFail', description: sentence ?? 'Something went wrong on our side. Nothing more was done.' };
}

/** Whether the error is our own doing or a platform's, to be told to the engineers. */
export function isFault(error: unknown): boolean {
  return !(error instanceof MethodError);
}
