/**
 * An account's scripts at its home, and our part in the active one (RFC 5804).
 *
 * Invariants: the account is at work meanwhile (`run`), so no hold comes between reading and writing, and the scripts that
 * are carried by a move hold what a customer was told is saved. Changes of one account come one after the other. What
 * others wrote is never lost: a script is replaced by itself with our part changed.
 */
import { createHash } from 'node:crypto';
import { CausewayError } from '#errors/index.ts';
import type { SieveConnection } from '#sieve/connect.ts';
import type { Able, Part, Rule, Script, Vacation } from './api.ts';
import { ableOf, compile, type Surroundings } from './compile.ts';
import { readScript, writeScript } from './script.ts';

/** Runs work on a signed-in connection to the home's ManageSieve. */
export type RunSieve = <T>(work: (connection: SieveConnection) => Promise<T>) => Promise<T>;

/** What rules are compiled with. */
export type About = Omit<Surroundings, 'extensions'>;

/** Ours, where no other is active. */
export const OUR_SCRIPT = 'causeway';

export type Found = { readonly part: Part; readonly others: string; readonly edited: boolean; readonly revision: string; readonly able: Able };

type Active = { readonly name: string | undefined; readonly text: string };

async function readActive(connection: SieveConnection): Promise<Active> {
  const name = (await connection.listScripts()).find(({ active }) => active)?.name;
  return { name, text: name === undefined ? '' : (await connection.getScript(name)).toString('utf8') };
}

function extensionsOf(connection: SieveConnection): ReadonlySet<string> {
  const announced = [...connection.capabilities].find((each) => each.startsWith('SIEVE '));
  return new Set((announced ?? '').toLowerCase().split(' ').slice(1));
}

function foundIn(connection: SieveConnection, { text }: Active): Found {
  const revision = createHash('sha256').update(text).digest('base64url').slice(0, 20);
  return { ...readScript(text), revision, able: ableOf(extensionsOf(connection)) };
}

export const readPart = (run: RunSieve): Promise<Found> => run(async (connection) => foundIn(connection, await readActive(connection)));

/**
 * @param change what becomes of our part
 * @param revision of what the change was made to; undefined: of whatever there is
 * @throws CausewayError 'conflict' when the script is another one by now; 'input' when the platform does not take it
 */
export function changePart(run: RunSieve, about: About, change: (part: Part) => Part, revision?: string): Promise<Found> {
  return run(async (connection) => {
    const active = await readActive(connection);
    const found = foundIn(connection, active);
    if (revision !== undefined && revision !== found.revision) throw new CausewayError('conflict', 'the active script was changed meanwhile', { customerText: 'Your filters were changed elsewhere meanwhile. Please look at them again.' });
    const part = change(found.part);
    const text = writeScript(found.others, part, compile(part, { ...about, extensions: extensionsOf(connection) }));
    const name = active.name ?? OUR_SCRIPT;
    if (text !== active.text) {
      if (text === '' && name === OUR_SCRIPT) {
        await connection.setActive(undefined);
        await connection.deleteScript(name);
      } else await put(connection, name, text);
    }
    if (active.name === undefined && text !== '') await connection.setActive(name);
    return foundIn(connection, { name, text });
  });
}

export const withRules = (rules: readonly Rule[]) => (part: Part): Part => ({ ...part, rules: [...rules] });
export const withVacation = (vacation: Vacation) => (part: Part): Part => ({ ...part, vacation });

/** All scripts, for the editor. */
export const listScripts = (run: RunSieve): Promise<readonly Script[]> => run((connection) => connection.listScripts());

/** @throws CausewayError 'not-found' */
export function readText(run: RunSieve, name: string): Promise<string> {
  return run(async (connection) => {
    if (!(await connection.listScripts()).some((each) => each.name === name)) throw new CausewayError('not-found', 'there is no such script');
    return (await connection.getScript(name)).toString('utf8');
  });
}

export const writeText = (run: RunSieve, name: string, text: string): Promise<void> => run((connection) => put(connection, name, text));

/** @param name undefined: none is active */
export const activate = (run: RunSieve, name: string | undefined): Promise<void> => run((connection) => connection.setActive(name));

export function removeScript(run: RunSieve, name: string): Promise<void> {
  return run(async (connection) => {
    if ((await connection.listScripts()).some((each) => each.name === name && each.active)) await connection.setActive(undefined);
    await connection.deleteScript(name);
  });
}

async function put(connection: SieveConnection, name: string, text: string): Promise<void> {
  await connection.putScript(name, Buffer.from(text)).catch((error: unknown) => {
    if (!(error instanceof CausewayError) || error.code !== 'refused') throw error;
    throw new CausewayError('input', error.message, { cause: error, customerText: `Your mail platform does not take this: ${error.message.replace(/^PUTSCRIPT: NO ?/, '')}` });
  });
}
