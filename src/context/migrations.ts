import { migrations as cutoverMigrations } from '#cutover/tables.ts';
import { caseMigrations } from '#desk/cases/tables.ts';
import { directoryMigrations } from '#directory/index.ts';
import { moverMigrations } from '#mover/migrations.ts';
import { declaredMigrations } from '#incident/declared/index.ts';
import { incidentMigrations } from '#incident/index.ts';
import { lockMigrations } from '#signin/locks/migrations.ts';
import { contactMigrations } from '#webmail/contacts/table.ts';
import { settingMigrations } from '#webmail/settings/table.ts';
import { deskActMigrations } from '#desk/acts/tables.ts';
import { staffMigrations } from '#staff/tables.ts';
import { statusMigrations } from '#status/tables.ts';
import { type Migration, storeMigrations } from '#store/index.ts';
import { idMigrations } from '#webmail/ids/tables.ts';
import { movedMigrations } from '#webmail/moved/table.ts';
import { outboxMigrations } from '#webmail/outbox/tables.ts';

/** The tables of all rooms, one sequence. */
export const migrations: readonly Migration[] = [
  ...storeMigrations,
  ...directoryMigrations,
  ...moverMigrations,
  ...cutoverMigrations,
  ...incidentMigrations,
  ...declaredMigrations,
  ...statusMigrations,
  ...lockMigrations,
  ...settingMigrations,
  ...contactMigrations,
  ...idMigrations,
  ...outboxMigrations,
  ...movedMigrations,
  ...staffMigrations,
  ...caseMigrations,
  ...deskActMigrations,
];
