/** The commands by their names. */
import type { Command } from '../session.ts';
import { append } from './append.ts';
import { copy, move } from './copy.ts';
import { expunge } from './expunge.ts';
import { fetch } from './fetch.ts';
import { idle } from './idle.ts';
import { list, lsub } from './list.ts';
import { authenticate, login } from './login.ts';
import { createCommand, deleteCommand, rename, subscribe, unsubscribe } from './mailboxes.ts';
import { capability, check, enable, id, logout, namespace, noop } from './plain.ts';
import { getQuota, getQuotaRoot } from './quota.ts';
import { search } from './search.ts';
import { close, examine, select, unselect } from './select.ts';
import { status } from './status.ts';
import { store } from './store.ts';

export const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['CAPABILITY', capability],
  ['NOOP', noop],
  ['LOGOUT', logout],
  ['ID', id],
  ['LOGIN', login],
  ['AUTHENTICATE', authenticate],
  ['ENABLE', enable],
  ['NAMESPACE', namespace],
  ['LIST', list],
  ['LSUB', lsub],
  ['SUBSCRIBE', subscribe],
  ['UNSUBSCRIBE', unsubscribe],
  ['CREATE', createCommand],
  ['DELETE', deleteCommand],
  ['RENAME', rename],
  ['STATUS', status],
  ['APPEND', append],
  ['GETQUOTA', getQuota],
  ['GETQUOTAROOT', getQuotaRoot],
  ['SELECT', select],
  ['EXAMINE', examine],
  ['IDLE', idle],
  ['CHECK', check],
  ['CLOSE', close],
  ['UNSELECT', unselect],
  ['EXPUNGE', expunge(false)],
  ['UID EXPUNGE', expunge(true)],
  ['FETCH', fetch(false)],
  ['UID FETCH', fetch(true)],
  ['STORE', store(false)],
  ['UID STORE', store(true)],
  ['SEARCH', search(false)],
  ['UID SEARCH', search(true)],
  ['COPY', copy(false)],
  ['UID COPY', copy(true)],
  ['MOVE', move(false)],
  ['UID MOVE', move(true)],
]);
