/** docs/clients.md: what each mail program made of an outage. */
import { join } from 'node:path';
import type { Client } from './client.ts';

export const CLIENTS_PAGE = join(import.meta.dirname, '../../../docs/clients.md');

export type ClientRecord = { readonly client: Client; version: string; before: string; known: string; fresh: string; wrong: string; after: string };

export function clientsPage(records: readonly ClientRecord[]): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
  return `# Mail programs in an outage

<!-- Made by \`node test/peers/clients/main.ts --docs\` from what each program really said: run that, do not change this. -->

\`npm run test:peers\` drives each of these through the gateway, over TLS, while the platform's authentication is alive, dead, and alive again. It asserts that each works before; that during the outage an account that had signed in before works, and one that never had hears [the table's reply](replies.md) and nothing that blames a password; and that all work after. What a program then tells its user is the program's own, and is noted here. Where the two last columns are alike, the program cannot tell an outage from a wrong password, whatever it hears: a reason more to serve the accounts that have signed in before.

| program | version | protocol | before | during: known account | after | during: an account that never signed in | a wrong password, for comparison |
|---|---|---|---|---|---|---|---|
${records.map(({ client, version, before, known, after, fresh, wrong }) => `| ${[client.name, version, client.protocol, before, known, after, fresh, wrong].map(cell).join(' | ')} |`).join('\n')}
`;
}
