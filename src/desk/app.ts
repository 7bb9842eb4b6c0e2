/** The desk's part of the office: finding a caller, the screen of one account and the acts on it, who is affected, cases, shifts and load. */
import type { App } from '#http/app.ts';
import type { ActParts } from './acts/act.ts';
import { addActRoutes } from './acts/app.ts';
import { addAffectedRoutes } from './affected/app.ts';
import { addCases, type CasesParts } from './cases/app.ts';
import { addFindRoutes } from './find/app.ts';
import { openPeople } from './find/people.ts';
import { addScreenRoutes } from './screen/app.ts';

export function addDeskRoutes(app: App, parts: CasesParts & ActParts): { close(): Promise<void> } {
  const { store } = parts;
  const people = openPeople(store);
  addFindRoutes(app, { people });
  addScreenRoutes(app, { store });
  addAffectedRoutes(app, { store });
  addActRoutes(app, parts);
  const cases = addCases(app, parts);
  return {
    async close() {
      await Promise.all([people.close(), cases.close()]);
    },
  };
}
