/**
 * Where staff declare incidents and planned work, and write what everybody reads: `/api/status/*`.
 *
 * Invariants: each is guarded by its act and audited in its transaction (declare.ts); the same key again adds nothing, so a
 * page may repeat what got no answer. The site, where there is one, is written anew at once; without one incidents still
 * have their cases answered.
 */
import { z } from 'zod';
import { CausewayError } from '#errors/index.ts';
import type { App } from '#http/app.ts';
import { bodyOf } from '#http/body.ts';
import { type DeclaredAnswer, declareBody, updateBody } from '#incident/declared/api.ts';
import { addUpdate, declareIncident, readDeclared, readOneDeclared, readUpdates } from '#incident/declared/index.ts';
import { actorOf, guarded } from '#staff/guarded.ts';
import type { Store } from '#store/index.ts';
import type { Publisher } from './publisher.ts';
import { TEMPLATES } from './templates.ts';

const DAY_MS = 86_400_000;
/** What staff are shown of what is over. */
const LOOK_BACK_DAYS = 14;

const uuid = z.uuid();

/** @param publisher undefined: the installation has no public site */
export function addStatusRoutes(app: App, { store, publisher }: { store: Store; publisher: Pick<Publisher, 'states' | 'publish'> | undefined }): void {
  app.get('/api/status/components', guarded('incident.read'), (c) => c.json({ components: publisher?.states() ?? {} }));

  app.get('/api/status/templates', guarded('incident.read'), (c) => c.json({ templates: TEMPLATES }));

  app.get('/api/status/declared', guarded('incident.read'), async (c) => {
    const declared = await readDeclared(store, { since: store.clock.now() - LOOK_BACK_DAYS * DAY_MS });
    const answer: DeclaredAnswer = { declared, site: publisher !== undefined };
    return c.json(answer);
  });

  app.get('/api/status/declared/:id', guarded('incident.read'), async (c) => {
    const id = idOf(c.req.param('id'));
    const declared = await readOneDeclared(store, id);
    if (declared === undefined) throw new CausewayError('not-found', 'there is no such incident');
    return c.json({ declared, updates: await readUpdates(store, { afterId: 0, incidentIds: [id] }) });
  });

  app.post('/api/status/declared', guarded('incident.declare'), async (c) => {
    const body = await bodyOf(c, declareBody);
    const { updateId, added } = await store.transaction((tx) => declareIncident(tx, { ...body, by: actorOf(c.get('staff')) }));
    void publisher?.publish();
    return c.json({ id: body.id, updateId, added }, added ? 201 : 200);
  });

  app.post('/api/status/declared/:id/updates', guarded('incident.update'), async (c) => {
    const incidentId = idOf(c.req.param('id'));
    const body = await bodyOf(c, updateBody);
    const { updateId, added } = await store.transaction((tx) => addUpdate(tx, { ...body, incidentId, by: actorOf(c.get('staff')) }));
    void publisher?.publish();
    return c.json({ id: incidentId, updateId, added }, added ? 201 : 200);
  });
}

function idOf(text: string): string {
  if (!uuid.safeParse(text).success) throw new CausewayError('not-found', 'there is no such incident');
  return text;
}
