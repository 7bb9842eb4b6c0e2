/** What a failed command is answered: one table from error to reply. */
import { CausewayError } from '#errors/index.ts';
import type { Reply } from './session.ts';

/** @returns undefined for an error that is the platform's own fault */
export function replyTo(error: unknown, command: string): Reply | undefined {
  if (error instanceof CausewayError) {
    const text = error.message;
    switch (error.code) {
      case 'protocol':
        return `BAD ${text}`;
      case 'not-found':
        // RFC 3501 7.1: the client may create the mailbox and try again.
        return /^(UID )?(APPEND|COPY|MOVE)$/.test(command) ? `NO [TRYCREATE] ${text}` : `NO [NONEXISTENT] ${text}`;
      case 'conflict':
        return `NO [ALREADYEXISTS] ${text}`;
      case 'limit':
        return `NO [LIMIT] ${text}`;
      case 'input':
      case 'refused':
        return `NO [CANNOT] ${text}`;
      default:
        return undefined;
    }
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'NO [OVERQUOTA] There is no room on the disk.';
  return undefined;
}

