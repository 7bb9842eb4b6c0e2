/** The room's door. Routes and holds have their own: route/index.ts. */
export { ACCOUNT_STATES, OURS } from './account.ts';
export type { Account, AccountState, Hash, HashOrigin } from './account.ts';
export {
  ACCOUNT_TOPIC,
  ALL_ACCOUNTS,
  bumpCredentialVersion,
  createAccount,
  createAccounts,
  dropHash,
  setHash,
  setState,
} from './accounts.ts';
export type { NewAccount } from './accounts.ts';
export { formatOf, importAccounts, parseAccounts, readAccountFile } from './import.ts';
export type { ImportFormat, ImportOptions, ImportRow } from './import.ts';
export { createLocalFile } from './local-file.ts';
export type { LocalFile } from './local-file.ts';
export { directoryMigrations } from './migrations.ts';
export { openMirror } from './mirror.ts';
export type { Mirror } from './mirror.ts';
export { loginFor, refuseForeignNames } from './platforms.ts';
export type { EntranceLogin } from './platforms.ts';
export { findAccount, readAccountIds, readEntries } from './read-entries.ts';
export type { Entry } from './read-entries.ts';
export type { DirectoryTables } from './tables.ts';
