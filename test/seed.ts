import * as fc from 'fast-check';

/**
 * Property tests draw the same cases in every run, so that whether a change lands never hangs on chance.
 * `npm run fuzz` draws others; what it finds is mended and kept as a case of its own.
 */
fc.configureGlobal({ seed: Number(process.env.CAUSEWAY_SEED ?? 20_261_126) });
