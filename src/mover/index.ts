/** The room's door. */
export { releaseClaims } from './claim.ts';
export type { ClaimTimes, MoveRow } from './claim.ts';
export type { MoverPlatform } from './access.ts';
export { followingBack } from './follow-back.ts';
export type { FollowingBack } from './follow-back.ts';
export { LEAN } from './lean.ts';
export { holdTimes, lastMove, lastReceipt, openMove, openMoves, readMoves } from './read.ts';
export type { MoveStatus } from './read.ts';
export { receiptText, verifyReceipt } from './receipt.ts';
export type { ReceiptBody, ReceiptKey, Side, Signed } from './receipt.ts';
export { loadReceiptKey, RECEIPT_PUBLIC_KEY_FILE } from './receipt-key.ts';
export { cancelMove, requestMove } from './request.ts';
export type { MoveRequest } from './request.ts';
export { requestRollback } from './rollback.ts';
export { moverMigrations } from './tables.ts';
export type { FailureClass, MoverTables, MoveState, ReadBack } from './tables.ts';
export { createMoverWorker, MOVE_QUEUE, sweepMoves } from './worker.ts';
export type { MoverWorker, MoverWorkerOptions } from './worker.ts';
