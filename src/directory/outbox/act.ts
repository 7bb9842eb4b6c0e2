/** What a platform is told of: a new account, its state, its names, its secret. */
export type OutboxAct = 'create' | 'state' | 'names' | 'secret';
