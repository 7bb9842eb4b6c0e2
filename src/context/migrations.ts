import { migrations as cutoverMigrations } from '#cutover/tables.ts';
import { directoryMigrations } from '#directory/index.ts';
import { moverMigrations } from '#mover/tables.ts';
import { incidentMigrations } from '#incident/index.ts';
import { lockMigrations } from '#signin/locks/migrations.ts';
import { type Migration, storeMigrations } from '#store/index.ts';

/** The tables of all rooms, one sequence. */
export const migrations: readonly Migration[] = [...storeMigrations, ...directoryMigrations, ...moverMigrations, ...cutoverMigrations, ...incidentMigrations, ...lockMigrations];
