/** Control or Command with Enter sends a form, also from a field of several lines, in which Enter alone is a new line. */
import type { KeyboardEvent } from 'react';

/** For `onKeyDown` of a form, or of one of its fields. */
export function submitByKeys({ key, ctrlKey, metaKey, currentTarget }: KeyboardEvent<HTMLFormElement | HTMLTextAreaElement>): void {
  if (key !== 'Enter' || !(ctrlKey || metaKey)) return;
  (currentTarget instanceof HTMLFormElement ? currentTarget : currentTarget.form)?.requestSubmit();
}
