/** What the name of a colour is, as the browser knows it. */
let context: CanvasRenderingContext2D | null | undefined;

/** In `#rrggbb`; undefined for what is no colour's name, and for those of the system, which suit the dark already. */
export function namedColour(word: string): string | undefined {
  if (/^(?:currentcolor|transparent|inherit|initial|unset|revert|revert-layer|auto|canvas.*|link.*|visited.*|button.*|field.*|highlight.*|mark.*|gray.?text|active.*|accent.*|selected.*)$/i.test(word)) return undefined;
  context ??= document.createElement('canvas').getContext('2d');
  if (context === null || context === undefined) return undefined;
  // What is no colour leaves what was there.
  context.fillStyle = '#010203';
  context.fillStyle = word;
  return context.fillStyle === '#010203' ? undefined : context.fillStyle;
}
