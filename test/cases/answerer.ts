/** A process that answers the cases of incidents, as the office does, until it is ended. Its argument: the store's connection. */
import { systemClock as clock } from '../../src/events/clock.ts';
import { silent } from '../../src/events/index.ts';
import { startAnswering } from '../../src/desk/cases/answering.ts';
import { type Connection, openStore } from '../../src/store/index.ts';

const store = await openStore(JSON.parse(process.argv[2]!) as Connection, { emit: silent, clock });
const answering = startAnswering(store, { forecasts: async () => new Map(), timeZone: 'UTC' });
process.send?.('started');
process.on('disconnect', () => void answering.close().then(() => store.close()));
