/** The door of the route: the only writer of home, phase, epoch, stage, acknowledgements and the list of instances. */
export { ACKNOWLEDGEMENT_TOPIC, acknowledge, holdState, readRoute } from './acknowledgements.ts';
export type { HoldState } from './acknowledgements.ts';
export { createHolds, HOME_WAIT_MS } from './holds.ts';
export type { Holds, Participant } from './holds.ts';
export { evictInstance, INSTANCE_TOPIC, joinInstance, leaveInstance, listInstances } from './instances.ts';
export type { Instance } from './instances.ts';
export {
  askCut,
  backOut,
  beginHold,
  expireHolds,
  flip,
  ROUTE_TOPIC,
  setFollowing,
  settle,
  startCopying,
} from './phases.ts';
export { FREEZE_MS, HOLD_MS, SILENT_MS } from './route.ts';
export type { Answer, Phase, Route, Stage } from './route.ts';
