/** What was typed of a phone's code, to be sent at once when it is whole. */
export function wholeCode(typed: string): string | undefined {
  const digits = typed.replaceAll(/[\s-]/g, '');
  return /^\d{6}$/.test(digits) ? digits : undefined;
}
