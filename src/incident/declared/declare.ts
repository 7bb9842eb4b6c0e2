/**
 * Declaring an incident or planned work, and writing its updates.
 *
 * Invariants: each update is there once, whoever asks again with its key; it changes the incident in the same transaction,
 * is audited in it, and is told to the feed (topic `incident-update`, key its id). What is resolved stays so: an
 * afterword may follow, and whatever begins again is declared anew, since its cases were answered and closed.
 */
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import { audit, recordChange, type Tx } from '#store/index.ts';
import type { DeclareBody, DeclaredState, UpdateBody } from './api.ts';

/** The topic in the feed of changes; the key is the update's id. */
export const UPDATE_TOPIC = 'incident-update';

/** "incu" in ASCII: so long as it is held, no other update takes an id. */
const LOCK = 0x696e6375;

type Told = { /** The update's id. */ readonly updateId: number; /** False: it was there already. */ readonly added: boolean };

/** @param by who declares it: `staff:ada` @throws CausewayError `input` when states and times do not fit, `conflict` when the id is another's */
export async function declareIncident(tx: Tx, { by, ...body }: DeclareBody & { readonly by: string }): Promise<Told> {
  const { id, title, titleEs, components, impact, state, plannedFrom, plannedUntil, text, textEs } = body;
  const planned = plannedFrom !== undefined || plannedUntil !== undefined;
  if (planned) mustLast(plannedFrom, plannedUntil);
  mustFit(state, planned);
  await takeTurn(tx);
  const { rows } = await sql<{ id: string }>`
    insert into declared_incident (id, title, title_es, components, state, impact, public, planned_from, planned_until, began_at, ended_at, opened_by)
    values (${id}, ${title}, ${titleEs ?? null}, ${components}::text[], ${state}, ${impact}, ${body.public}, ${time(plannedFrom)}, ${time(plannedUntil)},
      coalesce(${time(body.beganAt ?? plannedFrom)}::timestamptz, now()), case when ${state}::text = 'resolved' then now() end, ${by})
    on conflict (id) do nothing returning id`.execute(tx.db());
  if (rows.length === 0) {
    const { rows: before } = await sql<{ id: number }>`select id from incident_update where incident_id = ${id} and key = ${id}`.execute(tx.db());
    if (before[0] === undefined) throw new CausewayError('conflict', 'another incident has this id');
    return { updateId: before[0].id, added: false };
  }
  // The first update's key is the incident's id.
  const updateId = await put(tx, id, { key: id, state, text, textEs }, by);
  await audit(tx, { actor: by, act: 'incident.declared', subject: `declared:${id}`, why: title, detail: { components, impact, state, public: body.public, update: updateId } });
  return { updateId, added: true };
}

/** @throws CausewayError `not-found`, `conflict` when it is resolved, `input` when state and kind do not fit */
export async function addUpdate(tx: Tx, { incidentId, by, ...body }: UpdateBody & { readonly incidentId: string; readonly by: string }): Promise<Told> {
  const { key, state, impact, components, plannedFrom, plannedUntil } = body;
  await takeTurn(tx);
  const { rows } = await sql<{ state: DeclaredState; planned_from: Date | null; planned_until: Date | null }>`
    select state, planned_from, planned_until from declared_incident where id = ${incidentId} for update`.execute(tx.db());
  const before = rows[0];
  if (before === undefined) throw new CausewayError('not-found', 'there is no such incident');
  const { rows: same } = await sql<{ id: number }>`select id from incident_update where incident_id = ${incidentId} and key = ${key}`.execute(tx.db());
  if (same[0] !== undefined) return { updateId: same[0].id, added: false };
  if (before.state === 'resolved' && state !== 'resolved') {
    throw new CausewayError('conflict', 'it is resolved, and its cases were answered', { remedy: 'Declare what began again as a new incident.' });
  }
  const { planned_from: from, planned_until: until } = before;
  mustFit(state, from !== null);
  if (from === null && (plannedFrom !== undefined || plannedUntil !== undefined)) throw new CausewayError('input', 'an incident has no planned times');
  if (from !== null) mustLast(plannedFrom ?? from.getTime(), plannedUntil ?? until?.getTime());
  await sql`
    update declared_incident set state = ${state}, impact = coalesce(${impact ?? null}, impact), components = coalesce(${components ?? null}::text[], components),
      planned_from = coalesce(${time(plannedFrom)}::timestamptz, planned_from), planned_until = coalesce(${time(plannedUntil)}::timestamptz, planned_until),
      ended_at = case when ${state}::text = 'resolved' then coalesce(ended_at, now()) end
    where id = ${incidentId}`.execute(tx.db());
  const updateId = await put(tx, incidentId, body, by);
  await audit(tx, { actor: by, act: 'incident.updated', subject: `declared:${incidentId}`, detail: { state, update: updateId } });
  return { updateId, added: true };
}

function mustFit(state: DeclaredState, planned: boolean): void {
  if (state === 'resolved' || (state === 'planned' || state === 'under-way') === planned) return;
  throw new CausewayError('input', planned ? 'planned work is planned, under-way or resolved' : 'an incident is investigating, identified, monitoring or resolved');
}

function mustLast(from: number | undefined, until: number | undefined): void {
  if (from === undefined || until === undefined || from >= until) throw new CausewayError('input', 'planned work has a beginning and a later end');
}

async function takeTurn(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${LOCK})`.execute(tx.db());
}

async function put(tx: Tx, incidentId: string, { key, state, text, textEs }: Pick<UpdateBody, 'key' | 'state' | 'text' | 'textEs'>, by: string): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    insert into incident_update (incident_id, key, state, text, text_es, by)
    values (${incidentId}, ${key}, ${state}, ${text}, ${textEs ?? null}, ${by}) returning id`.execute(tx.db());
  const { id } = rows[0]!;
  await recordChange(tx, UPDATE_TOPIC, id);
  return id;
}

const time = (ms: number | undefined): Date | null => (ms === undefined ? null : new Date(ms));
