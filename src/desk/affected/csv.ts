/**
 * Lists as CSV (RFC 4180) that people open in a spreadsheet.
 *
 * Invariant: what a stranger has chosen (an address, a program's name) is text there, and never a formula: a field that
 * would begin one (OWASP, CSV injection) has an apostrophe before it.
 */

const FORMULA = /^[\s\p{C}]*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/u;

export function csvLine(fields: readonly (string | number | undefined)[]): string {
  return `${fields.map(field).join(',')}\r\n`;
}

function field(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const harmless = FORMULA.test(value) ? `'${value}` : value;
  return `"${harmless.replaceAll('"', '""')}"`;
}
