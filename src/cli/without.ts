/** `--without`: which refused messages an account is to be moved without. */
import { CausewayError } from '#errors/index.ts';
import { DECIDABLE, type Without } from '#mover/index.ts';

/** @returns undefined when nothing was said: then what was decided stands @throws CausewayError `usage` */
export function withoutOf(told: readonly string[]): Without | undefined {
  if (told.length === 0) return undefined;
  if (told.includes('none')) {
    if (told.length > 1) throw new CausewayError('usage', '--without none withdraws all, and stands alone');
    return { classes: [], messages: [] };
  }
  const classes = DECIDABLE.filter((failure) => told.includes(failure));
  const messages = told.filter((what) => !classes.some((failure) => failure === what)).map(messageOf);
  return { classes, messages };
}

/** The last colon parts: a mailbox's name may hold others. */
function messageOf(what: string): { mailbox: string; uid: number } {
  const [, mailbox, uid] = /^(.+):([1-9]\d{0,9})$/s.exec(what) ?? [];
  if (mailbox === undefined) {
    throw new CausewayError('usage', `--without ${what} names neither a message nor a class`, { remedy: `MAILBOX:UID, as causeway refused lists it; ${DECIDABLE.join(', ')}; or none.` });
  }
  return { mailbox, uid: Number(uid) };
}
