/** What the status site says, as schemas that a browser could read too: `status.json`, and what staff see of it. No Node here. */
import { z } from 'zod';
import { COMPONENTS, DECLARED_STATES, IMPACTS } from '#incident/declared/api.ts';

/** From well to bad. `unknown`: nothing was measured. */
export const LEVELS = ['ok', 'planned', 'unknown', 'degraded', 'down'] as const;
export type Level = (typeof LEVELS)[number];

export const worse = (a: Level, b: Level): Level => (LEVELS.indexOf(a) >= LEVELS.indexOf(b) ? a : b);

/** The languages of the site; the first is at its root. */
export const SITE_LANGUAGES = ['en', 'es'] as const;
export type SiteLanguage = (typeof SITE_LANGUAGES)[number];

/** ISO 8601. */
const at = z.string();
const forecast = z.object({ from: at, to: at, madeAt: at }).nullable();

export const statusSchema = z.object({
  provider: z.string(),
  writtenAt: at,
  /** When what was measured was last read; before `writtenAt` where the store does not answer. */
  measuredAt: at,
  level: z.enum(LEVELS),
  components: z.array(z.object({ component: z.enum(COMPONENTS), level: z.enum(LEVELS), since: at.nullable() })),
  incidents: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      titleEs: z.string().nullable(),
      components: z.array(z.enum(COMPONENTS)),
      state: z.enum(DECLARED_STATES),
      impact: z.enum(IMPACTS),
      planned: z.object({ from: at, until: at }).nullable(),
      beganAt: at,
      endedAt: at.nullable(),
      updates: z.array(z.object({ id: z.number(), at, state: z.enum(DECLARED_STATES), text: z.string(), textEs: z.string().nullable() })),
    }),
  ),
  moving: z.object({ moved: z.number(), accounts: z.number(), paused: z.boolean(), forecast }).nullable(),
  /** When those whom a trouble left behind will be served again. */
  restoration: forecast,
});
export type StatusJson = z.infer<typeof statusSchema>;

/** A ready-made beginning for what is written in a hurry. */
export type Template = {
  readonly name: string;
  readonly title: string;
  readonly titleEs: string;
  readonly components: readonly (typeof COMPONENTS)[number][];
  readonly impact: (typeof IMPACTS)[number];
  readonly planned: boolean;
  readonly texts: readonly { readonly state: (typeof DECLARED_STATES)[number]; readonly text: string; readonly textEs: string }[];
};
