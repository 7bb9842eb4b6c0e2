/** Core/echo (RFC 8620 section 4). */
import type { Method } from './process.ts';

export const CORE = 'urn:ietf:params:jmap:core';

export const echo: Method<unknown> = { capability: CORE, run: (args) => Promise.resolve(args) };
