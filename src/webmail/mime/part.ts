/** The tree of a message's parts (RFC 2046), from BODYSTRUCTURE or from the bytes alike. */
import { parameterOf } from './encoded-words.ts';
import type { Field } from './fields.ts';
import type { EncodingName } from './transfer-encoding.ts';

export type Part = {
  /** As IMAP numbers it, `1.2`; undefined for a multipart. The body of a message that is no multipart is `1`. */
  readonly partId: string | undefined;
  /** In lower case: `text/plain`. */
  readonly type: string;
  readonly charset: string | null;
  readonly name: string | null;
  readonly disposition: string | null;
  readonly cid: string | null;
  readonly language: string[] | null;
  readonly location: string | null;
  /** Undefined: one that nobody knows. */
  readonly encoding: EncodingName | undefined;
  /** In bytes, as it is in the message. */
  readonly encodedSize: number;
  readonly subParts: readonly Part[] | undefined;
  /** When it was read from the bytes. */
  readonly source?: PartSource;
};

export type PartSource = {
  readonly fields: readonly Field[];
  /** Positions in the message: its body. */
  readonly start: number;
  readonly end: number;
};

/** Real mail stays below 15 levels and 200 parts. What lies beyond is left as a leaf, or out. */
export const DEEPEST = 30;
export const MOST_PARTS = 1_000;

type Parameters = readonly (readonly [string, string])[];

export function charsetOf(type: string, parameters: Parameters, hasField: boolean): string | null {
  const charset = parameterOf(parameters, 'charset');
  if (charset !== undefined && charset !== '') return charset;
  return !hasField || type.startsWith('text/') ? 'us-ascii' : null;
}

export function nameOf(disposition: Parameters, type: Parameters): string | null {
  const name = parameterOf(disposition, 'filename') ?? parameterOf(type, 'name');
  return name === undefined || name === '' ? null : name;
}

export function cidOf(value: string | undefined): string | null {
  const id = value?.replaceAll(/\([^()]*\)/g, '').trim().replace(/^<([^]*)>$/, '$1').trim();
  return id === undefined || id === '' ? null : id;
}

/** All parts that are no multiparts, depth first. */
export function leaves(part: Part): Part[] {
  return part.subParts === undefined ? [part] : part.subParts.flatMap(leaves);
}

export function findPart(root: Part, partId: string): Part | undefined {
  return leaves(root).find((part) => part.partId === partId);
}
