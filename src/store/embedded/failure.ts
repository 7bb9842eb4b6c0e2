import { CausewayError, messageOf } from '#errors/index.ts';

/** What keeps the embedded PostgreSQL from starting, in words that name the place and the way out. */

const FULL = /no space left|ENOSPC|disk quota|EDQUOT/i;
const FORBIDDEN = /permission denied|EACCES|EPERM|read-only file system|EROFS/i;

/** @param what was tried, with the causing error or the server's own words */
export function startFailure(what: string, cause: unknown, place: string): CausewayError {
  if (cause instanceof CausewayError) return cause;
  const said = messageOf(cause);
  let remedy = `see the end of server.log in ${place}, or give database.url`;
  if (FULL.test(said)) remedy = 'make room on that disk (the database begins with 100 MB), or put `data` on another';
  else if (FORBIDDEN.test(said)) remedy = 'that folder must be writable: give another as `data`, or run as its owner';
  else if (/look up effective user/i.test(said)) remedy = 'run as a user that /etc/passwd knows, or give database.url';
  return new CausewayError('config', `${what}: ${said}`, { place, remedy, cause });
}
