/** Which commands change nothing that lasts, so that it does no harm when one of them reaches the server late. */
const READING = new Set([
  'AUTHENTICATE', 'CAPABILITY', 'ENABLE', 'EXAMINE', 'GETQUOTA', 'GETQUOTAROOT', 'ID', 'IDLE', 'LIST', 'LOGIN', 'LOGOUT', 'LSUB', 'NAMESPACE',
  'NOOP', 'SELECT', 'STARTTLS', 'STATUS', 'UID FETCH', 'UID SEARCH', 'UID SORT', 'UNSELECT',
]);

/** @param name as `CommandSpec.name`. All that is not known to read is taken for a change. */
export function isChange(name: string): boolean {
  return !READING.has(name);
}
