/**
 * The authentication back end as a process: `node auth-process.ts '{"folder", "authSocket", "exitWithParent"}'`.
 * Prints one line of JSON, `{"ready":true}`, when it answers.
 */
import { serveAuth } from './auth/back-end.ts';
import { usersFileOf } from './auth/users.ts';
import { exitWithParent } from './parent.ts';

export type AuthProcessOptions = { readonly folder: string; readonly authSocket: string; readonly exitWithParent: boolean };

const options = JSON.parse(process.argv[2] ?? '{}') as AuthProcessOptions;
if (options.exitWithParent) exitWithParent();
await serveAuth(usersFileOf(options.folder), options.authSocket);
process.stdout.write('{"ready":true}\n');
