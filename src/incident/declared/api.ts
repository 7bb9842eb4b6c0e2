/**
 * Incidents and planned work as people declare them, as schemas that a browser could read too: no Node here.
 *
 * Invariants: what is declared says which components it touches; what is public is public from its first update on. Text
 * is plain text, in English, and in Spanish where somebody wrote it.
 */
import { z } from 'zod';

/** What customers know as one thing that works or does not. */
export const COMPONENTS = ['sign-in', 'webmail', 'imap', 'pop3', 'sending', 'receiving', 'moving'] as const;
export type Component = (typeof COMPONENTS)[number];

/** `planned` and `under-way` are planned work's; both kinds end `resolved`. */
export const DECLARED_STATES = ['investigating', 'identified', 'monitoring', 'planned', 'under-way', 'resolved'] as const;
export type DeclaredState = (typeof DECLARED_STATES)[number];

/** `minor`: slower or for few; `major`: many cannot use a component; `critical`: nobody can. */
export const IMPACTS = ['minor', 'major', 'critical'] as const;
export type Impact = (typeof IMPACTS)[number];

/** A headline that fits a subject line, and two screens of text on a phone. */
export const MOST_TITLE = 120;
export const MOST_TEXT = 4_000;

/** One line: it goes into subjects, where a second one would be a header. */
const title = z.string().trim().min(1).max(MOST_TITLE).regex(/^[^\p{Cc}]*$/u, 'one line');
const text = z.string().trim().min(1).max(MOST_TEXT).regex(/^[^\p{Cc}]*(?:[\n\t][^\p{Cc}]*)*$/u, 'plain text');
const components = z.array(z.enum(COMPONENTS)).min(1).max(COMPONENTS.length).refine((all) => new Set(all).size === all.length, 'each once');
/** Wall time, ms since the epoch. */
const at = z.int().min(0);

/** The same id a second time declares nothing: the answer to the first was lost. */
export const declareBody = z.strictObject({
  id: z.uuid(),
  title,
  titleEs: title.optional(),
  components,
  impact: z.enum(IMPACTS),
  public: z.boolean(),
  /** Planned work has both, incidents neither. */
  plannedFrom: at.optional(),
  plannedUntil: at.optional(),
  state: z.enum(DECLARED_STATES),
  /** Before it was declared, as a rule; now where absent. */
  beganAt: at.optional(),
  /** The first update. */
  text,
  textEs: text.optional(),
});
export type DeclareBody = z.infer<typeof declareBody>;

/** The same key a second time adds nothing. What is absent stays as it was. */
export const updateBody = z.strictObject({
  key: z.uuid(),
  state: z.enum(DECLARED_STATES),
  text,
  textEs: text.optional(),
  impact: z.enum(IMPACTS).optional(),
  components: components.optional(),
  plannedFrom: at.optional(),
  plannedUntil: at.optional(),
});
export type UpdateBody = z.infer<typeof updateBody>;

/** Times are wall times, ms since the epoch. */
export type Declared = {
  readonly id: string;
  readonly title: string;
  readonly titleEs: string | undefined;
  readonly components: readonly Component[];
  readonly state: DeclaredState;
  readonly impact: Impact;
  readonly public: boolean;
  /** Undefined: an incident. */
  readonly planned: { readonly from: number; readonly until: number } | undefined;
  readonly beganAt: number;
  readonly endedAt: number | undefined;
  /** `staff:ada`. */
  readonly openedBy: string;
};

/** What is declared; `site`: a public status site shows what is public. */
export type DeclaredAnswer = { readonly declared: readonly Declared[]; readonly site: boolean };

export type DeclaredUpdate = {
  /** Rises in the order in which updates become visible. */
  readonly id: number;
  readonly incidentId: string;
  readonly at: number;
  readonly state: DeclaredState;
  readonly text: string;
  readonly textEs: string | undefined;
  readonly by: string;
};
