/** Cases, shifts and load on the office's app, and what goes on beside it: answers to incidents' cases, telling of events, the load for gates. */
import { forecastsOf } from '#cutover/forecast/index.ts';
import type { App } from '#http/app.ts';
import type { Store } from '#store/index.ts';
import { addLoadRoutes } from '../load/routes.ts';
import { startTellingLoad } from '../load/telling.ts';
import { startAnswering } from './answering.ts';
import { freezeFrom } from './freeze.ts';
import { type Receiver, startTelling } from './hooks/deliver.ts';
import { addCaseRoutes } from './routes.ts';
import { addShiftRoutes } from './shift-routes.ts';

export type CasesParts = { readonly store: Store; /** Who is told of events. */ readonly receivers: readonly Receiver[]; /** In which customers are told times. */ readonly timeZone: string };

export function addCases(app: App, { store, receivers, timeZone }: CasesParts): { close(): Promise<void> } {
  const options = { forecasts: (ids: readonly number[]) => forecastsOf(store, 'wave', ids), timeZone };
  addCaseRoutes(app, { store, freeze: freezeFrom(store), ...options });
  addShiftRoutes(app, store);
  addLoadRoutes(app, store);
  const running = [startAnswering(store, options), startTelling(store, receivers), startTellingLoad(store)];
  return {
    async close() {
      await Promise.all(running.map((each) => each.close()));
    },
  };
}
