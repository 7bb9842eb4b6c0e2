/** Which parts of a text were found by a query: words in any order, without regard to case or accents. */

export type Mark = { readonly text: string; readonly isFound: boolean };

/** Letter by letter, so that places stay the same. */
const plain = (text: string): string => [...text].map((letter) => letter.normalize('NFD')[0]!.toLowerCase().slice(0, 1)).join('');

/** Joined they are the text. */
export function marks(text: string, query: string): Mark[] {
  const letters = [...text];
  const low = plain(text);
  const isFound = letters.map(() => false);
  for (const word of plain(query).split(/\s+/).filter((each) => each !== '')) {
    for (let at = low.indexOf(word); at !== -1; at = low.indexOf(word, at + 1)) isFound.fill(true, at, at + word.length);
  }
  const parts: { text: string; isFound: boolean }[] = [];
  for (const [n, letter] of letters.entries()) {
    const last = parts.at(-1);
    if (last !== undefined && last.isFound === isFound[n]) last.text += letter;
    else parts.push({ text: letter, isFound: isFound[n]! });
  }
  return parts;
}
