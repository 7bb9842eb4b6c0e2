/** A process that tells subscribers, to be killed. Argument: JSON with the store's connection and the relay's port. */
import { systemClock as clock } from '../../src/events/clock.ts';
import { silent } from '../../src/events/index.ts';
import { startTeller } from '../../src/status/subscribe/teller.ts';
import { type Connection, openStore } from '../../src/store/index.ts';

const { connection, port } = JSON.parse(process.argv[2]!) as { connection: Connection; port: number };
const store = await openStore(connection, { emit: silent, clock });
startTeller({ store, provider: 'Ribera', zone: 'UTC', site: undefined, app: 'https://status.isp.example', webhooks: [], fetch: globalThis.fetch, relay: { endpoint: { host: '127.0.0.1', port, tls: 'plain' }, user: undefined, password: undefined, from: 'status@isp.example' } });
