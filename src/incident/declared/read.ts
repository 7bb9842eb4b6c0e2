/** Reading what people declared. */
import { sql } from 'kysely';
import type { Store, Tx } from '#store/index.ts';
import type { Component, Declared, DeclaredState, DeclaredUpdate, Impact } from './api.ts';

/** More than a provider declares in 90 days of the worst kind. */
const MOST = 1_000;

type Row = {
  id: string; title: string; title_es: string | null; components: Component[]; state: DeclaredState; impact: Impact; public: boolean;
  planned_from: Date | null; planned_until: Date | null; began_at: Date; ended_at: Date | null; opened_by: string;
};

/** What is not over, and what ended after `since` (ms since the epoch); the latest first. @throws as the store does */
export async function readDeclared(reader: Store | Tx, { since }: { readonly since: number }): Promise<Declared[]> {
  const { rows } = await sql<Row>`
    select * from declared_incident where ended_at is null or ended_at > ${new Date(since)}
    order by began_at desc, id limit ${MOST}`.execute(reader.db());
  return rows.map(declaredOf);
}

export async function readOneDeclared(reader: Store | Tx, id: string): Promise<Declared | undefined> {
  const { rows } = await sql<Row>`select * from declared_incident where id = ${id}`.execute(reader.db());
  return rows[0] === undefined ? undefined : declaredOf(rows[0]);
}

/**
 * Updates above `afterId`, the oldest first, as many as are handed out at once. Who has read up to an id misses none
 * below it. @param incidentIds only these incidents'; all where absent
 */
export async function readUpdates(reader: Store | Tx, { afterId, incidentIds }: { readonly afterId: number; readonly incidentIds?: readonly string[] }): Promise<DeclaredUpdate[]> {
  const which = incidentIds === undefined ? sql`` : sql`and incident_id = any(${incidentIds}::uuid[])`;
  const { rows } = await sql<{ id: number; incident_id: string; at: Date; state: DeclaredState; text: string; text_es: string | null; by: string }>`
    select id, incident_id, at, state, text, text_es, by from incident_update where id > ${afterId} ${which} order by id limit ${MOST}`.execute(reader.db());
  return rows.map(({ incident_id: incidentId, at, text_es: textEs, ...row }) => ({ ...row, incidentId, at: at.getTime(), textEs: textEs ?? undefined }));
}

function declaredOf(row: Row): Declared {
  const { title_es: titleEs, planned_from: from, planned_until: until, began_at: began, ended_at: ended, opened_by: openedBy, id, title, components, state, impact } = row;
  return {
    id, title, titleEs: titleEs ?? undefined, components, state, impact, public: row.public,
    planned: from === null || until === null ? undefined : { from: from.getTime(), until: until.getTime() },
    beganAt: began.getTime(), endedAt: ended?.getTime(), openedBy,
  };
}
