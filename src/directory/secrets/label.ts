/** What people call a device or a key. */
import { CausewayError } from '#errors/index.ts';

const LABEL_LIMIT = 64;

/** @throws CausewayError('input') for one that is none */
export function labelOf(text: string): string {
  const label = text.trim();
  if (label === '' || label.length > LABEL_LIMIT || /\p{Cc}/u.test(label)) {
    throw new CausewayError('input', `a label has 1 to ${LABEL_LIMIT} characters`, { customerText: `Please give it a name of 1 to ${LABEL_LIMIT} characters.` });
  }
  return label;
}
