/**
 * The IMAP server's command loop: one session per connection, commands one after the other.
 *
 * Invariants: no bytes from the network end the process. A command is in the access log before it runs. A session's
 * memory is bounded: a command without its message is at most 64 KiB, a message goes to a file as it comes.
 */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { CausewayError, messageOf } from '#errors/index.ts';
import { parseCommand, tagOf } from '#wire/imap/command.ts';
import { sessionFailed } from '../events.ts';
import type { Services } from '../services.ts';
import { capabilitiesOf } from './capabilities.ts';
import { COMMANDS } from './commands/index.ts';
import { createInput } from './input.ts';
import { createOutput } from './output.ts';
import { type Read, readCommand } from './read-command.ts';
import { replyTo } from './replies.ts';
import type { Command, Reply, Session } from './session.ts';
import { isSilent, viceOutput } from './vice-output.ts';
import { viceArguments, viceReply } from './vices.ts';

/** RFC 3501 5.4: at least 30 minutes once signed in. Before: one, as Dovecot's login process has it (3 minutes). */
const SIGNED_IN_MS = 30 * 60_000;
const BEFORE_MS = 60_000;
/** A client that says nothing right 100 times in a row is none. */
const MOST_BAD = 100;

export async function serveImap(socket: Socket, port: 'imap' | 'trusted', services: Services): Promise<void> {
  const out = viceOutput(services.vices, createOutput(socket));
  const session: Session = {
    services,
    id: randomBytes(6).toString('hex'),
    tag: '*',
    port,
    input: createInput(socket, out.flush),
    out,
    user: undefined,
    view: undefined,
    ending: false,
    refusals: 0,
  };
  socket.on('error', () => {});
  socket.setTimeout(BEFORE_MS, () => socket.destroy());
  out.line(`* OK [CAPABILITY ${capabilitiesOf(services)}] ${services.name} is ready.`);
  try {
    let bad = 0;
    while (!session.ending && bad < MOST_BAD) {
      const read = await readCommand(session);
      if (!read) break;
      bad = (await answer(session, read)) ? 0 : bad + 1;
      socket.setTimeout(session.user === undefined ? BEFORE_MS : SIGNED_IN_MS);
    }
    if (!session.ending && bad >= MOST_BAD) out.line('* BYE Too many bad commands.');
  } catch (error) {
    if (!(error instanceof CausewayError)) report(session, 'read', error);
    out.line(error instanceof CausewayError && error.code === 'limit' ? '* BYE The line is too long.' : '* BYE [SERVERBUG] Sorry.');
  } finally {
    session.view?.close();
    void out.flush();
    socket.end();
    // A client that does not close its side is not waited for.
    socket.setTimeout(5_000, () => socket.destroy());
    socket.resume();
  }
}

/** @returns whether the command was one */
async function answer(session: Session, read: Read): Promise<boolean> {
  const { out } = session;
  const { vices } = session.services;
  const tag = tagOf(read.line) ?? '*';
  session.tag = tag;
  let name = '?';
  let command: Command | undefined;
  let reply: Reply;
  try {
    const parsed = parseCommand(read.line);
    name = parsed.name;
    command = COMMANDS.get(name);
    // LOGIN and AUTHENTICATE write their own line, with the name that they carry.
    if (command?.when !== 'before') log(session, command ? name : 'unknown');
    if (read.refusal !== undefined) reply = read.refusal;
    else if (!command) reply = viceReply(vices, { session, name, args: parsed.args, messages: [] }) ?? 'BAD Unknown command.';
    else {
      const call = { session, name, args: parsed.args, messages: read.messages };
      reply = refusedByState(session, command) ?? viceReply(vices, call) ?? (await command.run(session, viceArguments(vices, name, parsed.args), read.messages));
    }
  } catch (error) {
    const known = replyTo(error, name);
    if (known === undefined) report(session, name, error);
    reply = known ?? 'NO [SERVERBUG] Internal error.';
  } finally {
    for (const message of read.messages) message.drop();
  }
  if (!isSilent(vices, name)) for (const line of session.view?.changes(!command?.keepsNumbers) ?? []) out.line(line);
  if (session.view?.lost()) {
    out.line('* BYE The selected mailbox was deleted.');
    session.ending = true;
  }
  out.line(`${tag} ${reply}`);
  await out.breathe();
  return !reply.startsWith('BAD');
}

function refusedByState(session: Session, { when }: Command): Reply | undefined {
  if (when === 'before' && session.user !== undefined) return 'BAD Already signed in.';
  if ((when === 'after' || when === 'selected') && session.user === undefined) return 'BAD Sign in first.';
  if (when === 'selected' && !session.view) return 'BAD Select a mailbox first.';
  return undefined;
}

function log(session: Session, command: string): void {
  session.services.log.write({ session: session.id, port: session.port, user: session.user, command });
}

function report(session: Session, command: string, error: unknown): void {
  session.services.emit(sessionFailed, { platform: session.services.name, session: session.id, command, reason: messageOf(error) });
}
