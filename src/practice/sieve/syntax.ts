/** As much of Sieve's grammar (RFC 5228 section 8) as finds what people mistype: text, brackets, and ends of statements. */

const TOKEN = /"(?:[^"\\]|\\[\s\S])*"|text:[ \t]*(?:#[^\r\n]*)?\r?\n[\s\S]*?\r?\n\.\r?(?:\n|$)|#[^\n]*|\/\*[\s\S]*?\*\/|[[\](){};,]|[:\w.-]+|\s+/y;
const CLOSES: Readonly<Record<string, string>> = { ']': '[', ')': '(', '}': '{' };

/** What is wrong with a script; undefined when nothing is found. */
export function fault(script: Buffer): string | undefined {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(script);
  } catch {
    return 'The script is not UTF-8.';
  }
  if (text.includes('\0')) return 'There is a NUL in the script.';
  const open: string[] = [];
  let ended = true; // the statement before
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < text.length; ) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(text)?.[0];
    const line = (): string => `line ${text.slice(0, at).split('\n').length}`;
    if (token === undefined) return `${line()}: that is no word of Sieve.`;
    if (/^(?:\s|#|\/\*)/.test(token)) continue;
    const opener = CLOSES[token];
    if (opener !== undefined && open.pop() !== opener) return `${line()}: ${token} closes nothing.`;
    if (token === '}' && !ended) return `${line()}: a semicolon is missing before }.`;
    if ('[({'.includes(token)) open.push(token);
    ended = token === ';' || token === '{' || token === '}';
  }
  if (open.length > 0) return `${open.at(-1)} is not closed.`;
  return ended ? undefined : 'A semicolon is missing at the end.';
}
