/** A sign for each level: nothing is said by colour alone. */
import { html, raw } from 'hono/html';
import type { Level } from '../api.ts';
import type { Html } from './frame.ts';

const PATHS: Readonly<Record<Level, string>> = {
  ok: 'M5 12.500l4.500 4.500L19 7.500',
  planned: 'M12 7v5l3.500 2M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17z',
  unknown: 'M9 9.200a3 3 0 1 1 4.300 2.700c-.9.500-1.300 1-1.300 2.100M12 17.500v.01M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z',
  degraded: 'M12 4 2.800 19.500h18.400zM12 10v4M12 17v.01',
  down: 'M6.500 6.500l11 11M17.500 6.500l-11 11',
};

export function sign(level: Level): Html {
  return html`<svg class="sign" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="${raw(PATHS[level])}"/></svg>`;
}
