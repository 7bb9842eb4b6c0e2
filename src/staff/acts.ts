/**
 * THE table of who may do what: an act is `room.verb`, and below it are the roles that may.
 *
 * Invariants: an act that is not here is done by nobody; a route is guarded by one act (`guarded.ts`). What needs a second
 * person says so in `SECOND_PERSON`, and in `WHY` what is not done without a reason.
 */
import type { Role } from './api.ts';

const ALL = ['level-one', 'level-two', 'lead', 'operator', 'administrator'] as const;
const FROM_TWO = ['level-two', 'lead', 'operator', 'administrator'] as const;
const FROM_LEAD = ['lead', 'operator', 'administrator'] as const;
const OPERATORS = ['operator', 'administrator'] as const;
const ADMINISTRATORS = ['administrator'] as const;

export const ACTS = {
  'staff.self': ALL,
  'staff.list': FROM_LEAD,
  'staff.manage': ADMINISTRATORS,

  // desk: who is it, and what is the matter
  'desk.find': ALL,
  'desk.screen': ALL,
  'desk.affected': ALL,

  // desk: acts on an account (src/desk/acts)
  'account.unlock': ALL,
  'account.reset-link': ALL,
  'account.app-password': ALL,
  'account.device-settings': ALL,
  'account.end-sessions': ALL,
  'account.attach-incident': ALL,
  'account.move-earlier': FROM_TWO,
  'account.move-later': FROM_TWO,
  'account.hold-back': FROM_TWO,
  'account.roll-back': FROM_TWO,
  'account.roll-back-approve': FROM_TWO,

  // desk: cases and load
  'case.read': ALL,
  'case.open': ALL,
  'case.write': ALL,
  'case.escalate': ALL,
  'case.merge': FROM_TWO,
  'case.macros': FROM_LEAD,
  'shift.own': ALL,
  'shift.manage': FROM_LEAD,
  'load.read': ALL,

  // declared incidents and planned work: written once, answered everywhere
  'incident.read': ALL,
  'incident.declare': FROM_LEAD,
  'incident.update': FROM_LEAD,

  // console: plans and waves
  'plan.read': FROM_LEAD,
  'plan.run': OPERATORS,
  'plan.pause': FROM_LEAD,
  'plan.resume': OPERATORS,
  'plan.abort': OPERATORS,
  'plan.roll-back': OPERATORS,
} as const satisfies Readonly<Record<string, readonly Role[]>>;

export type Act = keyof typeof ACTS;

export function may(role: Role, act: Act): boolean {
  return (ACTS[act] as readonly Role[]).includes(role);
}

/** What the role allows, in the table's order. */
export function actsOf(role: Role): Act[] {
  return (Object.keys(ACTS) as Act[]).filter((act) => may(role, act));
}
