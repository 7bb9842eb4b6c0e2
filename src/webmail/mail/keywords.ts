/** Keywords of JMAP and flags of IMAP (RFC 8621 section 4.1.1). */

const SYSTEM: ReadonlyMap<string, string> = new Map([
  ['$seen', '\\Seen'],
  ['$answered', '\\Answered'],
  ['$flagged', '\\Flagged'],
  ['$draft', '\\Draft'],
]);
const BY_FLAG: ReadonlyMap<string, string> = new Map([...SYSTEM].map(([keyword, flag]) => [flag.toLowerCase(), keyword]));

/** 1 to 255 characters of ASCII, not `( ) { ] % * " \`. */
const KEYWORD = /^[!#$&'+-[^-z|}~]{1,255}$/;

export function isKeyword(text: string): boolean {
  return KEYWORD.test(text);
}

/** `$seen` → `\Seen`. The keyword is one (`isKeyword`). */
export function flagOf(keyword: string): string {
  const lower = keyword.toLowerCase();
  return SYSTEM.get(lower) ?? lower;
}

/** In lower case, as the RFC wants them; \Recent, \Deleted and flags that nobody knows are none. */
export function keywordsOf(flags: readonly string[]): string[] {
  const found = new Set<string>();
  for (const flag of flags) {
    const keyword = flag.startsWith('\\') ? BY_FLAG.get(flag.toLowerCase()) : flag.toLowerCase();
    if (keyword !== undefined && isKeyword(keyword)) found.add(keyword);
  }
  return [...found];
}

export function isDeleted(flags: readonly string[]): boolean {
  return flags.some((flag) => flag.toLowerCase() === '\\deleted');
}
