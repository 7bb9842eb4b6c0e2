/** The field in which one types while a composer is on its way. It is heard, not seen. */
import { useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import { useWords } from '#ui/words.ts';
import { closeComposer } from './open.ts';
import { awaitComposer } from './typed-ahead.ts';
import { words } from './words.ts';

export function TypedAhead({ composer }: { readonly composer: number }) {
  const w = useWords(words);
  const field = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  // Before the next key.
  useLayoutEffect(() => awaitComposer(composer, field.current!, () => setOver(true)), [composer]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape') {
      event.stopPropagation();
      closeComposer(composer);
    } else if (event.key === 'Enter') event.preventDefault();
  };
  return isOver ? null : <input ref={field} className="unseen" type="text" aria-label={w.loading} autoComplete="off" autoCapitalize="none" spellCheck={false} onKeyDown={onKeyDown} />;
}
