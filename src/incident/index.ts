/** Incidents: what is wrong with sign-in, seen by what customers and sentinels meet. */
export type { Incident, IncidentKind } from './incident.ts';
export { createIncidents, type Incidents, type Signs } from './incidents.ts';
export { type KeptIncident, keepIncidents, type Keeping, openIncidents } from './keep.ts';
export { incidentMigrations } from './migrations.ts';
