/** Words of FETCH answers, as latin1 strings: what goes out is the message's own bytes. */

/** NIL, a quoted string, or a literal where the value cannot be quoted (8-bit bytes, CR, LF). */
export function nstring(value: string | undefined): string {
  if (value === undefined) return 'NIL';
  // eslint-disable-next-line no-control-regex
  if (/[\r\n\u0000\u0080-\u00ff]/.test(value) || value.length > 4_096) return `{${value.length}}\r\n${value}`;
  return `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
}

export function list(items: readonly string[]): string {
  return items.length === 0 ? 'NIL' : `(${items.join('')})`;
}
