/** A worker's sign of life, over the channel to its parent. */

/** Between two. */
export const BEAT_MS = 1_000;

/** After its last it only ends. */
export type Beat = { readonly t: 'beat'; readonly last?: true };
