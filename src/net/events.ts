import { defineEvent } from '#events/index.ts';

/** The files of a certificate changed, and what is in them is in use. */
export const certificateRenewed = defineEvent<{ file: string }>('net.certificate-renewed', 'info', ['log', 'count']);

/** The files of a certificate changed, and cannot be used: the one before stays in use. */
export const certificateUnusable = defineEvent<{ file: string; error: string }>('net.certificate-unusable', 'error', ['log', 'count']);
