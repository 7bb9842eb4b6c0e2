/** Shifts and presence by JSON. */
import type { App } from '#http/app.ts';
import { bodyOf } from '#http/body.ts';
import { actorOf, guarded } from '#staff/guarded.ts';
import type { Store } from '#store/index.ts';
import { handOverBody, type Level, ownPresenceBody, planQuery, shiftBody, shiftsBody } from './api.ts';
import { numberOf } from './number.ts';
import { queryOf } from './query.ts';
import { bePresent, changeShift, dropShift, planShifts, readShifts, writeHandOver } from './shifts.ts';

export function addShiftRoutes(app: App, store: Store): void {
  app.get('/api/desk/shifts', guarded('shift.own'), async (c) => c.json(await readShifts(store, store.clock.now(), queryOf(c, planQuery))));
  app.post('/api/desk/shifts', guarded('shift.manage'), async (c) => {
    const { shifts } = await bodyOf(c, shiftsBody);
    return c.json({ ids: await store.transaction((tx) => planShifts(tx, shifts, actorOf(c.get('staff')))) });
  });
  app.post('/api/desk/hand-over', guarded('shift.own'), async (c) => {
    const note = await bodyOf(c, handOverBody);
    return c.json(await store.transaction((tx) => writeHandOver(tx, note, actorOf(c.get('staff')))));
  });
  app.post('/api/desk/shifts/:id', guarded('shift.manage'), async (c) => {
    const shift = await bodyOf(c, shiftBody);
    return c.json({ id: await store.transaction((tx) => changeShift(tx, numberOf(c, 'id'), shift, actorOf(c.get('staff')))) });
  });
  app.post('/api/desk/shifts/:id/drop', guarded('shift.manage'), async (c) => {
    await store.transaction((tx) => dropShift(tx, numberOf(c, 'id'), actorOf(c.get('staff'))));
    return c.json({});
  });
  app.post('/api/desk/presence', guarded('shift.own'), async (c) => {
    const { presence, level: given } = await bodyOf(c, ownPresenceBody);
    const staff = c.get('staff');
    const level: Level = given ?? (staff.role === 'level-one' ? 1 : 2);
    await store.transaction((tx) => bePresent(tx, { staff: staff.name, level, presence }, actorOf(staff)));
    return c.json({});
  });
}
