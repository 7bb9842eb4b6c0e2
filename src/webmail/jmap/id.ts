/** Ids and dates (RFC 8620 sections 1.2 and 1.4). */
import * as z from 'zod';

/** 1 to 255 of the URL-safe base64 alphabet. */
export const ID = /^[A-Za-z0-9_-]{1,255}$/;

export const idSchema = z.string().regex(ID, 'expected an id');
/** An id, or `#` and a creation id. */
export const idOrCreationSchema = z.string().regex(/^#?[A-Za-z0-9_-]{1,255}$/, 'expected an id');

export const unsignedInt = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
export const int = z.number().int().min(-Number.MAX_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER);

const UTC_DATE = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d*[1-9])?Z$/;
const DATE = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** `2014-10-30T06:12:00Z`. Fractions that end in a zero are accepted, as JavaScript's own dates have them. */
export const utcDateSchema = z
  .string()
  .refine((text) => UTC_DATE.test(text.replace(/\.(\d*?)0+Z$/, (_, digits: string) => (digits === '' ? 'Z' : `.${digits}Z`))) && !Number.isNaN(Date.parse(text)), 'expected a UTC date');
export const dateSchema = z.string().refine((text) => DATE.test(text) && !Number.isNaN(Date.parse(text)), 'expected a date');

/** Of a moment in ms, without a fraction. */
export function utcDate(epochMs: number): string {
  const date = new Date(epochMs);
  return Number.isNaN(date.getTime()) ? '1970-01-01T00:00:00Z' : `${date.toISOString().slice(0, 19)}Z`;
}
