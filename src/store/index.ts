/** The room's door. The queue (queue.ts), the embedded server (embedded/) and testing.ts are imported by file. */
export { audit, auditEach } from './audit.ts';
export type { AuditEntry } from './audit.ts';
export { recordChange, recordChanges } from './change.ts';
export type { Connection } from './connection.ts';
export { createFeed } from './feed.ts';
export type { Change, Feed, FeedOptions } from './feed.ts';
export { createFigures, sumFigures } from './figures.ts';
export type { Figures } from './figures.ts';
export { isStoreUnavailable, isUniqueViolation } from './failure.ts';
export type { Migration } from './migrate.ts';
export { storeMigrations } from './migrations.ts';
export { openStore } from './open.ts';
export type { Store } from './open.ts';
export type { Tx } from './transaction.ts';
