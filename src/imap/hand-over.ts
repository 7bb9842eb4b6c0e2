/**
 * Opening an IMAP connection only to sign in and hand it over: what a gateway does for each of its clients. It says and
 * takes what `connect.ts` and its engine do, at a fraction of their cost: a sign-in is one line each way.
 *
 * Invariants: with `starttls` not a byte of the unencrypted part is believed afterwards, and bytes that came between its OK
 * and TLS are an attack (CVE-2011-0411). Bytes behind the answer to the sign-in are handed over as they came.
 */
import type { Socket } from 'node:net';
import { CausewayError } from '#errors/index.ts';
import { type Endpoint, openSocket, openTls } from '#net/endpoint.ts';
import { type ConnectOptions, openWithin, placeOf } from '#net/opening.ts';
import { judge, type Login, signInCommand } from './commands/login.ts';
import { createDialogue, type Dialogue } from './dialogue.ts';
import { refusalOf } from './refusal.ts';

export type HandOver = {
  /** In upper case; those of the signed-in state after `login`. */
  readonly capabilities: ReadonlySet<string>;
  /** Written in one packet with the `login` that follows in the same turn. Rejects with CausewayError 'refused' for NO and BAD. */
  run(command: string): Promise<unknown>;
  /** Throws as the engine's `login` does. */
  login(login: Login): Promise<void>;
  /** The socket, paused, and what was read from it and not used. The taker listens for errors in the same turn. */
  detach(): { socket: Socket; rest: Buffer };
  destroy(): void;
};

/** Rejects with CausewayError 'unavailable', 'protocol', 'aborted' (by `signal`). What follows is not timed here: the caller's budget is for all of it. */
export function connectToHandOver(endpoint: Endpoint, options: ConnectOptions): Promise<HandOver> {
  const place = placeOf(endpoint);
  return openWithin('IMAP session', endpoint, options, async (onSocket) => {
    let dialogue = createDialogue(await openSocket(endpoint, onSocket), place);
    const greeting = await dialogue.greeting();
    if (endpoint.tls === 'starttls') {
      if (greeting === 'PREAUTH') throw new CausewayError('protocol', 'the server says that we are signed in, before TLS', { place });
      const { socket, rest } = await dialogue.command(['STARTTLS'], true).then(() => dialogue.detach());
      if (rest.length > 0) throw new CausewayError('protocol', 'bytes between STARTTLS and TLS: somebody injects them', { place });
      dialogue = createDialogue(await openTls(endpoint, onSocket, socket), place);
    }
    if (dialogue.capabilities().size === 0) await dialogue.command(['CAPABILITY']);
    return handOver(dialogue, place);
  });
}

function handOver(dialogue: Dialogue, place: string): HandOver {
  const open = {
    capabilities: dialogue.capabilities(),
    run: (command: string) => dialogue.command([command]),
    async login(login: Login): Promise<void> {
      const { parts } = signInCommand(login, open.capabilities, place);
      let listed: boolean;
      try {
        listed = await dialogue.command(parts, true);
      } catch (error) {
        const answer = refusalOf(error);
        throw answer === undefined || answer.status === 'BYE' ? error : judge(answer, login, place);
      }
      // RFC 3501 section 6.2.3: they may have changed.
      if (!listed) await dialogue.command(['CAPABILITY'], true);
      open.capabilities = dialogue.capabilities();
    },
    detach: () => dialogue.detach(),
    destroy: () => dialogue.fail(new CausewayError('aborted', 'the connection was given up', { place })),
  };
  return open;
}
