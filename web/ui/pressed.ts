/**
 * What a control shows between being pressed and its page saying what is so.
 *
 * Invariant: it shows what was pressed in the same turn, and from the next turn on what its page says. A page whose answers
 * are kept by a query hears of its own change one timer later, and React sets a controlled input back until then: a radio
 * button that was pressed jumped back for an instant, long enough on a busy machine to be pressed again.
 */
import { useState } from 'react';

/**
 * @param value what the page says
 * @param change tells the page
 * @returns what to show, and what to do when it is pressed
 */
export function usePressed<T>(value: T, change: (value: T) => void): readonly [T, (value: T) => void] {
  const [pressed, setPressed] = useState<{ readonly value: T }>();
  return [
    pressed === undefined ? value : pressed.value,
    (next) => {
      setPressed({ value: next });
      change(next);
      // After the timer that the change has set.
      setTimeout(() => setPressed(undefined));
    },
  ];
}
