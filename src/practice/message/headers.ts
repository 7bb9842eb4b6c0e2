/**
 * Header fields of a message held as a latin1 string, so that positions are byte positions.
 *
 * Invariant: reads what real mail has: an mbox "From " line, lines without a colon, bare LF, a header without an end.
 */
export type Field = { readonly name: string; /** Unfolded, trimmed. */ readonly value: string; readonly start: number; readonly end: number };

/** Where the body begins that follows the header at `start`: after the first empty line, or `end` if there is none. */
export function bodyStart(text: string, start: number, end: number): number {
  // A slice costs nothing, and a search in it never runs on into what follows.
  const own = text.slice(start, end);
  const match = /^\r?\n/.exec(own) ?? /\n\r?\n/.exec(own);
  return match === null ? end : start + match.index + match[0].length;
}

/** Fields between `start` and `end`, each with the positions of its lines, line ends included. */
export function parseFields(text: string, start: number, end: number): Field[] {
  const fields: Field[] = [];
  let at = start;
  while (at < end) {
    let next = at;
    do {
      const line = text.indexOf('\n', next);
      next = line < 0 || line >= end ? end : line + 1;
    } while (next < end && (text[next] === ' ' || text[next] === '\t'));
    const lines = text.slice(at, next);
    const colon = lines.indexOf(':');
    if (colon > 0 && /^[!-9;-~]+[ \t]*$/.test(lines.slice(0, colon))) {
      const value = lines.slice(colon + 1).replaceAll(/\r?\n(?=[ \t])/g, '').trim();
      fields.push({ name: lines.slice(0, colon).trim().toLowerCase(), value, start: at, end: next });
    }
    at = next;
  }
  return fields;
}

export function valueOf(fields: readonly Field[], name: string): string | undefined {
  return fields.find((field) => field.name === name)?.value;
}

/** `text/plain; charset="utf-8"` → the value in lower case and its parameters, names in lower case. */
export function parseParameters(value: string): { value: string; parameters: [string, string][] } {
  const semicolon = value.indexOf(';');
  const first = (semicolon < 0 ? value : value.slice(0, semicolon)).replaceAll(/\([^()]*\)/g, '').trim().toLowerCase();
  const parameters: [string, string][] = [];
  if (semicolon >= 0) {
    for (const [, name, quoted, plain] of value.slice(semicolon).matchAll(/;\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))/g)) {
      parameters.push([(name as string).toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? '']);
    }
  }
  return { value: first, parameters };
}
