import { CausewayError } from '#errors/index.ts';

/** A record and the line on which it begins, counted from 1. */
export type CsvRecord = { readonly line: number; readonly fields: readonly string[] };

/**
 * Reads CSV: RFC 4180, with line ends of LF too, since that is what most programs write. Empty lines are skipped.
 * @param file for messages
 * @throws CausewayError('input') naming file and line, for a quote where none may be and one that is never closed
 */
export function parseCsv(text: string, file: string): CsvRecord[] {
  const records: CsvRecord[] = [];
  let fields: string[] = [];
  let line = 1;
  let begins = 1;
  let at = 0;
  const mistake = (message: string, remedy: string, where = line): CausewayError =>
    new CausewayError('input', message, { place: `${file}:${where}`, remedy });

  const quoted = (): string => {
    const opened = line;
    let value = '';
    for (;;) {
      const close = text.indexOf('"', at);
      if (close < 0) throw mistake('a quoted field is never closed', 'end it with a double quote; double a quote inside it', opened);
      const part = text.slice(at, close);
      for (const char of part) if (char === '\n') line += 1;
      value += part;
      at = close + 1;
      if (text[at] !== '"') return value;
      value += '"';
      at += 1;
    }
  };

  const plain = (): string => {
    const start = at;
    while (at < text.length && text[at] !== ',' && text[at] !== '\n' && text[at] !== '\r') {
      if (text[at] === '"') throw mistake('a double quote inside a field that does not begin with one', 'put the whole field in quotes and double the quote');
      at += 1;
    }
    return text.slice(start, at);
  };

  while (at < text.length) {
    if (text[at] === '"') {
      at += 1;
      fields.push(quoted());
    } else fields.push(plain());
    if (text[at] === ',') {
      at += 1;
      if (at < text.length) continue;
      fields.push('');
    }
    if (text[at] === '\r') at += 1;
    if (at < text.length && text[at] !== '\n') throw mistake('text after a closing quote', 'put a comma between fields');
    at += 1;
    if (fields.length > 1 || fields[0] !== '') records.push({ line: begins, fields });
    fields = [];
    line += 1;
    begins = line;
  }
  return records;
}
