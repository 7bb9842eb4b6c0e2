/** The change feed's topic for rows of the outbox; its key is the account's id. */
export const OUTBOX_TOPIC = 'outbox';

export type OutboxAct = 'create' | 'state' | 'names' | 'secret';
