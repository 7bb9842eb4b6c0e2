/** What a signed-in client may ask (RFC 5804 sections 2.5 to 2.13). */
import { textOf, type Token } from '#wire/imap/tokens.ts';
import { encodeString, literal } from '#wire/sieve/string.ts';
import type { Scripts } from './scripts.ts';
import { no, ok, type Reply, type Session } from './session.ts';
import { fault } from './syntax.ts';

/** Far above any customer's; Dovecot's default for the size is the same. */
const MOST_SCRIPTS = 100;
export const MOST_BYTES = 1024 * 1024;

type Run = (session: Session, scripts: Scripts, args: readonly Token[]) => Reply;

const RUN: ReadonlyMap<string, { readonly args: number; readonly run: Run }> = new Map<string, { args: number; run: Run }>([
  ['HAVESPACE', { args: 2, run: haveSpace }],
  ['LISTSCRIPTS', { args: 0, run: listScripts }],
  ['PUTSCRIPT', { args: 2, run: putScript }],
  ['CHECKSCRIPT', { args: 1, run: (_, __, [script]) => judged(bytesOf(script)) ?? ok('The script is valid.') }],
  ['GETSCRIPT', { args: 1, run: getScript }],
  ['SETACTIVE', { args: 1, run: setActive }],
  ['DELETESCRIPT', { args: 1, run: deleteScript }],
  ['RENAMESCRIPT', { args: 2, run: renameScript }],
]);

export const isKnown = (name: string): boolean => RUN.has(name);

export function runCommand(session: Session, scripts: Scripts, name: string, args: readonly Token[]): Reply {
  const command = RUN.get(name);
  if (command === undefined) return no('Unknown command.');
  if (args.length !== command.args) return no('Wrong arguments.');
  return command.run(session, scripts, args);
}

function bytesOf(token: Token | undefined): Buffer {
  return token?.kind === 'string' ? token.bytes : Buffer.from(textOf(token));
}

/** Why there is no room for a script; undefined when there is. */
function noRoom(scripts: Scripts, name: string, bytes: number): Reply | undefined {
  if (bytes > MOST_BYTES) return no(`A script has at most ${MOST_BYTES} bytes.`, 'QUOTA/MAXSIZE');
  const names = scripts.names();
  return names.length >= MOST_SCRIPTS && !names.includes(name) ? no(`There are ${MOST_SCRIPTS} scripts already.`, 'QUOTA/MAXSCRIPTS') : undefined;
}

function judged(script: Buffer): Reply | undefined {
  const wrong = fault(script);
  return wrong === undefined ? undefined : no(wrong);
}

function haveSpace(_: Session, scripts: Scripts, [name, size]: readonly Token[]): Reply {
  const bytes = size?.kind === 'atom' && /^\d{1,10}$/.test(size.text) ? Number(size.text) : undefined;
  if (bytes === undefined) return no('Expected a number of bytes.');
  return noRoom(scripts, textOf(name), bytes) ?? ok('There is room.');
}

function listScripts({ out }: Session, scripts: Scripts): Reply {
  const active = scripts.active();
  for (const name of scripts.names()) {
    out.part(encodeString(name, 'server'));
    out.line(name === active ? ' ACTIVE' : '');
  }
  return ok('That is all.');
}

function putScript(_: Session, scripts: Scripts, [name, script]: readonly Token[]): Reply {
  const bytes = bytesOf(script);
  const refusal = noRoom(scripts, textOf(name), bytes.length) ?? judged(bytes);
  if (refusal === undefined) scripts.write(textOf(name), bytes);
  return refusal ?? ok('Stored.');
}

function getScript({ out }: Session, scripts: Scripts, [name]: readonly Token[]): Reply {
  out.part(literal(scripts.read(textOf(name)), 'server'));
  out.line('');
  return ok('Here it is.');
}

/** Section 2.8: an empty name makes none active. */
function setActive(_: Session, scripts: Scripts, [name]: readonly Token[]): Reply {
  scripts.activate(textOf(name) === '' ? undefined : textOf(name));
  return ok('Done.');
}

function deleteScript(_: Session, scripts: Scripts, [name]: readonly Token[]): Reply {
  scripts.remove(textOf(name));
  return ok('Deleted.');
}

function renameScript(_: Session, scripts: Scripts, [from, to]: readonly Token[]): Reply {
  scripts.rename(textOf(from), textOf(to));
  return ok('Renamed.');
}
