/** Incidents and planned work that people declare, and what they write about them. */
export type { Component, Declared, DeclaredState, DeclaredUpdate, Impact } from './api.ts';
export { addUpdate, declareIncident, UPDATE_TOPIC } from './declare.ts';
export { readDeclared, readOneDeclared, readUpdates } from './read.ts';
export { declaredMigrations } from './table.ts';
