/**
 * Makes a mailbox at the target, under the name that is wanted or, where the target refuses that, under another.
 *
 * Invariants: the other name is chosen by the rules of `docs/quirks.md`, never one that stands for another mailbox; a
 * target that asks to try later is not given another name. When all are refused the first refusal is told.
 */
import { CausewayError, messageOf } from '#errors/index.ts';
import type { ImapConnection } from '#imap/connection.ts';
import { mailboxName } from '#wire/imap/encode.ts';
import { isLater, passingFailure } from '../failure.ts';
import { freeName, plainName, type Space } from './names.ts';

type Names = {
  readonly space: Space;
  /** What the target has. */
  readonly existing: ReadonlySet<string>;
  /** What stands for a mailbox of the source, or will. */
  readonly taken: ReadonlySet<string>;
};

/**
 * @param creating under the name that is wanted, where that is under way already
 * @returns the name that the target took
 * @throws the failure `mailbox`
 */
export async function makeMailbox(target: ImapConnection, wanted: string, specialUse: string | undefined, names: Names, creating?: Promise<void>): Promise<string> {
  let first: unknown;
  for (const name of namesFor(wanted, names)) {
    try {
      // One that is there was made for this one by an earlier move, or is what the target takes the name for.
      if (name === wanted && creating !== undefined) await creating;
      else if (name === wanted || !names.existing.has(name)) await createMailbox(target, name, specialUse);
      return name;
    } catch (error) {
      if (!(error instanceof CausewayError) || error.code !== 'refused' || isLater(error)) throw asFailure(error, wanted);
      first ??= error;
    }
  }
  throw asFailure(first, wanted);
}

/**
 * As it is; as the target writes it, where it does not tell upper from lower case; with `_` for unusual characters; with
 * a number, where the name is reserved, or is another's in other letters.
 */
function* namesFor(wanted: string, { space, existing, taken }: Names): Generator<string> {
  yield wanted;
  const folded = [...existing].find((name) => name !== wanted && name.toLowerCase() === wanted.toLowerCase());
  if (folded !== undefined && !taken.has(folded)) yield folded;
  const plain = plainName(wanted, space);
  if (plain !== wanted) yield freeName(plain, new Set([...existing, ...taken]));
  const others = new Set([...taken].map((name) => name.toLowerCase()));
  let number = 2;
  while (others.has(`${plain}-${number}`.toLowerCase())) number += 1;
  yield `${plain}-${number}`;
}

/** CREATE, with the special use where the target takes one (RFC 6154 section 3). */
export async function createMailbox(target: ImapConnection, name: string, specialUse: string | undefined): Promise<void> {
  if (specialUse !== undefined && target.capabilities.has('CREATE-SPECIAL-USE')) {
    await target.run(`CREATE ${mailboxName(name, { utf8: false })} (USE (${specialUse}))`);
  } else {
    await target.create(name);
  }
}

function asFailure(error: unknown, name: string): unknown {
  if (!(error instanceof CausewayError) || error.code !== 'refused') return error;
  return passingFailure('mailbox', `the target does not make the mailbox "${name}": ${messageOf(error)}`, error);
}
