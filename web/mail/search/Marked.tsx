/** A snippet with what was searched for marked in it. */
import { piecesOf } from './marked.ts';

export function Marked({ snippet }: { readonly snippet: string }) {
  return (
    <>
      {piecesOf(snippet).map(({ text, isMarked }, n) => (isMarked ? <mark key={n}>{text}</mark> : <span key={n}>{text}</span>))}
    </>
  );
}
