/**
 * An account's Sieve scripts, and which of them is active, over a move: by ManageSieve, where both platforms have it in the
 * configuration. Names and bytes are taken as they are.
 *
 * Invariants: the target holds the source's scripts and no others before the flip: what was written is read again, and
 * the receipt names what was read. Only differences are written, each behind the claim's fence. The source is only read. A
 * script that the target refuses (it lacks an extension, say) fails the move with the class `filters`: mail that would be
 * filed elsewhere, or answered no more, is a person's decision.
 */
import { createHash } from 'node:crypto';
import { CausewayError, messageOf } from '#errors/index.ts';
import { loginFor } from '#directory/platforms.ts';
import { connect } from '#sieve/connect.ts';
import type { SieveConnection } from '#sieve/connect.ts';
import { finalFailure, passingFailure } from '../failure.ts';
import type { Side, Visit } from '../visit.ts';

/** As the receipt has it; in the order of names. */
export type FilterProof = { readonly name: string; readonly active: boolean; readonly sha256: string };

type Script = { readonly bytes: Buffer; readonly active: boolean };
type Scripts = ReadonlyMap<string, Script>;

/** Of a hold's 8 s; a healthy platform takes milliseconds. */
const TIMES = { connectMs: 2_000, commandMs: 3_000 };

/** @returns what the target holds now, or undefined where no scripts are carried @throws the failure `filters` */
export async function carryFilters(visit: Visit): Promise<readonly FilterProof[] | undefined> {
  const { source, target } = visit.sides;
  if (source.platform.sieve === undefined || target.platform.sieve === undefined) return undefined;
  const opened = await Promise.allSettled([open(visit, source), open(visit, target)]);
  const [from, to] = opened.map((each) => (each.status === 'fulfilled' ? each.value : undefined));
  try {
    for (const each of opened) if (each.status === 'rejected') throw each.reason;
    const wanted = await read(from!);
    let present = await read(to!);
    if (!areEqual(wanted, present)) {
      await carry(visit, to!, wanted, present);
      present = await read(to!);
      if (!areEqual(wanted, present)) throw passingFailure('filters', 'the target does not keep the scripts that it took');
    }
    return [...present]
      .map(([name, { bytes, active }]) => ({ name, active, sha256: createHash('sha256').update(bytes).digest('hex') }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw error instanceof CausewayError && error.code === 'refused' ? passingFailure('filters', `ManageSieve: ${messageOf(error)}`, error) : error;
  } finally {
    // LOGOUT says nothing that matters here, and nobody need wait for its answer.
    for (const each of [from, to]) each?.logout().catch(() => each.destroy());
  }
}

async function open(visit: Visit, { platform, login }: Side): Promise<SieveConnection> {
  const { host, tls, ca, port, clientAddress } = platform.sieve!;
  let failure: unknown = 'it has no trusted or master entrance';
  for (const entrance of platform.entrances) {
    if (entrance.kind === 'replay') continue;
    let connection: SieveConnection | undefined;
    try {
      const entry = loginFor(entrance, login);
      connection = await connect({ host, port: entry.sievePort ?? port, tls, clientAddress, ...(ca === undefined ? {} : { ca }) }, { clock: visit.clock, signal: visit.claim.signal, ...TIMES });
      await connection.login(entry.login);
      return connection;
    } catch (error) {
      connection?.destroy();
      failure = error;
    }
  }
  throw passingFailure('filters', `${platform.name} does not let us in by ManageSieve: ${messageOf(failure)}`, failure);
}

async function read(connection: SieveConnection): Promise<Scripts> {
  const scripts = new Map<string, Script>();
  for (const { name, active } of await connection.listScripts()) scripts.set(name, { active, bytes: await connection.getScript(name) });
  return scripts;
}

function areEqual(a: Scripts, b: Scripts): boolean {
  return a.size === b.size && [...a].every(([name, script]) => isEqual(script, b.get(name)) && script.active === b.get(name)?.active);
}

const isEqual = (a: Script, b: Script | undefined): boolean => b !== undefined && a.bytes.equals(b.bytes);

/** Puts, then activates, then deletes: an active script cannot be deleted (RFC 5804 section 2.10). */
async function carry(visit: Visit, target: SieveConnection, wanted: Scripts, present: Scripts): Promise<void> {
  for (const [name, script] of wanted) {
    if (isEqual(script, present.get(name))) continue;
    visit.claim.fence();
    await target.putScript(name, script.bytes).catch((error: unknown) => {
      if (!(error instanceof CausewayError) || error.code !== 'refused') throw error;
      throw finalFailure('filters', `the target refuses the script "${name}": ${messageOf(error)}`, error);
    });
  }
  const activeOf = (scripts: Scripts): string | undefined => [...scripts].find(([, { active }]) => active)?.[0];
  if (activeOf(wanted) !== activeOf(present)) {
    visit.claim.fence();
    await target.setActive(activeOf(wanted));
  }
  for (const name of present.keys()) {
    if (wanted.has(name)) continue;
    visit.claim.fence();
    await target.deleteScript(name);
  }
}
