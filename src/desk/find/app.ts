/** `GET` who is meant by what was typed: answered from memory. */
import type { App } from '#http/app.ts';
import { guarded } from '#staff/guarded.ts';
import { FIND } from './api.ts';
import type { People } from './people.ts';

export function addFindRoutes(app: App, { people }: { readonly people: Pick<People, 'find' | 'read'> }): void {
  app.get(FIND, guarded('desk.find'), async (c) => {
    // In the first second of the process's life nobody is known yet.
    await people.read;
    return c.json(people.find(c.req.query('q') ?? ''));
  });
}
