/** A letter in a circle, in a colour that stays a person's own. */
import type { Contact } from '#webmail/contacts/api.ts';
import { classes } from '#ui/classes.ts';
import { initialOf, toneOf } from '../list/people.ts';
import { titleOf } from './people.ts';
import styles from './Face.module.css';

const TONES = 6;

export function Face({ contact, large = false }: { readonly contact: Contact; readonly large?: boolean }) {
  const title = titleOf(contact);
  return (
    <span className={classes(styles['face'], large && styles['large'])} data-tone={toneOf(contact.emails[0]?.address ?? title, TONES)} aria-hidden="true">
      {initialOf(title)}
    </span>
  );
}
