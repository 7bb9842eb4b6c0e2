/** The caps of the API, as the session object announces them (RFC 8620 section 2). */
export type Limits = {
  readonly maxSizeUpload: number;
  readonly maxConcurrentUpload: number;
  readonly maxSizeRequest: number;
  readonly maxConcurrentRequests: number;
  readonly maxCallsInRequest: number;
  readonly maxObjectsInGet: number;
  readonly maxObjectsInSet: number;
};

export const LIMITS: Limits = {
  /** Platforms take messages of 25 to 100 MB; base64 makes a third more of an attachment. */
  maxSizeUpload: 50_000_000,
  /** The RFC's suggested minimum: one for each attachment that a person drops at once, the others queue (admission.ts). */
  maxConcurrentUpload: 4,
  /** The RFC's suggested minimum; a draft with a long text has some 100 kB. */
  maxSizeRequest: 10_000_000,
  /** Each holds at most one IMAP connection, and platforms allow some ten an account. The others queue (admission.ts). */
  maxConcurrentRequests: 4,
  /** The RFC's suggested minimum is 16; the largest batch of a known client has 20. */
  maxCallsInRequest: 32,
  /** The RFC's suggested minima. */
  maxObjectsInGet: 500,
  maxObjectsInSet: 500,
};

/** Levels of arrays and objects in a request: MIME parts and filters nest, real ones below 20. Deeper would be for our stack. */
export const REQUEST_DEPTH = 100;

/**
 * Characters of JSON, roughly, in all answers to one request. A get of 500 messages with 100 kB of text each fits. Without
 * it 32 calls that each refer twice to the one before would be answered with 2^32 copies.
 */
export const RESPONSE_SIZE = 64_000_000;
