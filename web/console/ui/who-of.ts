/** Actors of the audit as people say them. Pure. */

/** `staff:olga` is olga; `cli:uid 0` was at the command line. */
export const whoOf = (actor: string): string => actor.replace(/^cli:(.*)$/, 'command line ($1)').replace(/^(staff|operator):/, '');
