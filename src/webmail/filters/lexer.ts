/**
 * Sieve's tokens (RFC 5228 section 8.1), as far as it takes to know strings and comments from commands.
 *
 * Invariant: linear in the length of the script; undefined for what is no Sieve.
 */
export type Token = { readonly kind: 'string' | 'identifier' | 'tag' | 'number' | 'punctuation'; readonly text: string; readonly end: number };

const SPACE = /(?:\s+|#[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/y;
const WORD = /(?:(")(?:[^"\\]|\\[\s\S])*"|(text:)[ \t]*(?:#[^\r\n]*)?\r?\n|(:[A-Za-z_]\w*)|([A-Za-z_]\w*)|(\d+[KMG]?)|([[\](){};,]))/iy;

export function tokensOf(script: string): Token[] | undefined {
  const tokens: Token[] = [];
  for (let at = 0; at < script.length; ) {
    SPACE.lastIndex = at;
    if (SPACE.test(script)) {
      at = SPACE.lastIndex;
      continue;
    }
    WORD.lastIndex = at;
    const found = WORD.exec(script);
    if (found === null) return undefined;
    const [whole, quote, multiLine, tag, identifier, number] = found;
    at = WORD.lastIndex;
    if (multiLine !== undefined) {
      const close = /^\.\r?(?:\n|$)/gm;
      close.lastIndex = at;
      const dot = close.exec(script);
      if (dot === null) return undefined;
      const text = script.slice(at, dot.index).replaceAll(/^\.\./gm, '.');
      at = close.lastIndex;
      tokens.push({ kind: 'string', text, end: at });
    } else if (quote !== undefined) tokens.push({ kind: 'string', text: whole.slice(1, -1).replaceAll(/\\([\s\S])/g, '$1'), end: at });
    else tokens.push({ kind: tag !== undefined ? 'tag' : identifier !== undefined ? 'identifier' : number !== undefined ? 'number' : 'punctuation', text: whole, end: at });
  }
  return tokens;
}

/** Where the commands behind the leading `require`s begin (section 3.2: they come first). */
export function endOfRequires(tokens: readonly Token[]): number {
  let end = 0;
  let isInside = false;
  for (const { kind, text, end: here } of tokens) {
    if (!isInside) {
      if (kind !== 'identifier' || text.toLowerCase() !== 'require') break;
      isInside = true;
    } else if (kind === 'punctuation' && text === ';') {
      isInside = false;
      end = here;
    }
  }
  return end;
}
