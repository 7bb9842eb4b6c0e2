/** How its writer likes to write, kept in this browser. */
const KEPT = 'composer.mode';

export const preferredMode = (): 'rich' | 'plain' => (localStorage.getItem(KEPT) === 'plain' ? 'plain' : 'rich');

export const preferMode = (mode: 'rich' | 'plain'): void => localStorage.setItem(KEPT, mode);
