/**
 * Cases, call-backs, shifts and macros, as requests and answers; browsers read this too: no Node here.
 *
 * Invariants: every text has a cap, and is plain text: it is shown as text and never read as anything else. Times are
 * wall times, ms since the epoch. What makes something has a key: the same key a second time makes nothing, and is
 * answered as the first was.
 */
import { z } from 'zod';

/** The next one's work is what the one before could not solve. */
export const LEVELS = [1, 2] as const;
export type Level = (typeof LEVELS)[number];
/** `open`: ours to do. `waiting`: for a call back, or for the customer. `merged`: goes on in another one. */
export const CASE_STATES = ['open', 'waiting', 'closed', 'merged'] as const;
export type CaseState = (typeof CASE_STATES)[number];
export const PRIORITIES = ['urgent', 'high', 'normal', 'low'] as const;
export type Priority = (typeof PRIORITIES)[number];
/** `answer` is said to the customer, as is an `update` of an incident; all others stay in the house. */
export const ENTRY_KINDS = ['note', 'answer', 'call', 'hand-over', 'update', 'act'] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];
/** `break`: on shift, and takes no call. */
export const PRESENCES = ['available', 'busy', 'break'] as const;
export type Presence = (typeof PRESENCES)[number];

export const MOST_SUBJECT = 200;
/** Two screens on a phone, as of an incident's update. */
export const MOST_TEXT = 4_000;
/** Cases of one answer; entries of one case. */
export const CASES_PAGE = 50;
export const MOST_ENTRIES = 500;
export const MOST_MACROS = 200;
/** A page tells that it is open so often; who did not for two and a half times that is gone. */
export const PRESENCE_MS = 10_000;

const line = (most: number) => z.string().trim().min(1).max(most).regex(/^[^\p{Cc}]*$/u, 'one line');
const text = z.string().trim().min(1).max(MOST_TEXT).regex(/^[^\p{Cc}]*(?:[\n\t][^\p{Cc}]*)*$/u, 'plain text');
const key = z.uuid();
const id = z.int().min(1);
const at = z.int().min(0);
const staffName = z.string().regex(/^[a-z][a-z0-9._-]{0,39}$/, 'the name of one of the staff');
const phone = z.string().trim().regex(/^\+?[\d\s()./-]{3,40}$/, 'a phone number');

/** With `account` and `key` alone it is one keystroke: the subject is the verdict's line. */
export const openCaseBody = z.strictObject({
  key,
  account: id.optional(),
  subject: line(MOST_SUBJECT).optional(),
  priority: z.enum(PRIORITIES).optional(),
  note: text.optional(),
  /** To whom it is given; whoever opens it has it where absent, nobody where null. */
  assignee: staffName.nullable().optional(),
});
/** `seen`: the last entry that the writer has seen, 0 where there was none; an answer is refused (409) where another has answered since. */
export const entryBody = z.strictObject({ key, kind: z.enum(['note', 'answer', 'call']), text, seen: z.int().min(0).optional() });
export const assignBody = z.strictObject({ to: staffName.nullable() });
export const priorityBody = z.strictObject({ priority: z.enum(PRIORITIES) });
/** What the next level has to know: what was tried, what the customer wants. */
export const escalateBody = z.strictObject({ key, note: text });
export const callBackBody = z.strictObject({ key, at, phone, note: text.optional() });
export const callBackDoneBody = z.strictObject({ key, reached: z.boolean(), note: text.optional() });
export const closeBody = z.strictObject({ key, text: text.optional() });
export const reopenBody = z.strictObject({ key, text: text.optional() });
export const mergeBody = z.strictObject({ into: id });
/** `null`: it is about something else. */
export const linkBody = z.strictObject({ incident: z.uuid().nullable() });
/** An update that is still being written; `over`: it would end the incident. */
export const previewBody = z.strictObject({ text, textEs: text.optional(), over: z.boolean() });
export const useMacroBody = z.strictObject({ key, seen: z.int().min(0).optional() });
export const presenceBody = z.strictObject({ writing: z.boolean() });

/** By the provider's own desk (provider-api.ts). `account`: an address, a login name or a recipient. */
export const apiCaseBody = z.strictObject({ account: z.string().min(1).max(320).optional(), subject: line(MOST_SUBJECT).optional(), priority: z.enum(PRIORITIES).optional(), note: text.optional() });
export const apiEntryBody = z.strictObject({ kind: z.enum(['note', 'answer']), text });
export const apiCloseBody = z.strictObject({ text: text.optional() });

/** In a macro's text these become the customer's own, each `{{name}}`. */
export const FACTS = ['name', 'address', 'platform', 'wave', 'forecast', 'incident'] as const;
export type Fact = (typeof FACTS)[number];
export const MOST_MACRO_NAME = 80;
const macroText = text.refine((written) => unknownFacts(written).length === 0, `between {{ and }} is one of ${FACTS.join(', ')}`);

/** What stands between `{{` and `}}` and is no fact: such a text is not kept. */
export function unknownFacts(written: string): string[] {
  return [...written.matchAll(/\{\{([^{}]*)\}\}/g)].map(([, fact]) => fact!).filter((fact) => !(FACTS as readonly string[]).includes(fact));
}

/** `also`: what else it does to the case. */
export const macroBody = z.strictObject({
  name: line(MOST_MACRO_NAME),
  text: macroText,
  also: z.strictObject({ close: z.boolean().optional(), priority: z.enum(PRIORITIES).optional() }),
});

/** A macro as it is being written, or as it is kept, as one case's customer would get it. */
export const tryMacroBody = z.strictObject({ text: macroText });

export const shiftBody = z.strictObject({ staff: staffName, level: z.literal(LEVELS), from: at, until: at }).refine(({ from, until }) => from < until && until - from <= 24 * 3_600_000, 'a shift has at most 24 hours');
/** Seventy technicians, seven days. */
export const MOST_PLANNED = 500;
/** All of them, or none. */
export const shiftsBody = z.strictObject({ shifts: z.array(shiftBody).min(1).max(MOST_PLANNED) });
/** A week with the hour that clocks are put back, and a day. */
export const MOST_PLAN_MS = (8 * 24 + 1) * 3_600_000;
const moment = z.coerce.number().pipe(at);
export const planQuery = z.strictObject({ from: moment, until: moment }).refine(({ from, until }) => from < until && until - from <= MOST_PLAN_MS, 'a week and a day at most');
export const MOST_HAND_OVER = 1_000;
/** What the next shift of a level has to know. */
export const handOverBody = z.strictObject({ key, level: z.literal(LEVELS), text: text.max(MOST_HAND_OVER) });
/** `null`: gone home. The page says it again every PRESENCE_MS. */
export const ownPresenceBody = z.strictObject({ presence: z.enum(PRESENCES).nullable(), level: z.literal(LEVELS).optional() });

/** `GET /api/desk/cases`, the most pressing first. `call-backs`: those that are due within the hour. */
export const QUEUES = ['level-one', 'level-two', 'mine', 'call-backs', 'all'] as const;
export type Queue = (typeof QUEUES)[number];
export const casesQuery = z.strictObject({
  queue: z.enum(QUEUES).default('all'),
  account: z.coerce.number().pipe(id).optional(),
  incident: z.uuid().optional(),
  /** Closed and merged ones, too. */
  closed: z.stringbool().default(false),
  /** `next` of the page before. */
  after: z.string().max(60).regex(/^\d+~\d+$/).optional(),
});

export type CaseLine = {
  readonly id: number;
  readonly account: { readonly id: number; readonly address: string; readonly name: string | undefined } | undefined;
  readonly subject: string;
  readonly state: CaseState;
  readonly level: Level;
  readonly priority: Priority;
  readonly assignee: string | undefined;
  readonly incidentId: string | undefined;
  readonly openedAt: number;
  readonly openedBy: string;
  /** By when it is to be answered; undefined when it was. */
  readonly answerDue: number | undefined;
  /** By when it is to be solved; undefined when it is. */
  readonly solutionDue: number | undefined;
  readonly firstAnswerAt: number | undefined;
  readonly closedAt: number | undefined;
  readonly mergedInto: number | undefined;
  readonly callBack: { readonly at: number; readonly phone: string } | undefined;
};
export type CasesPage = { readonly cases: readonly CaseLine[]; readonly next: string | undefined };
/** Of open cases. `late`: past one of their times. */
export type QueueCounts = { readonly [queue in Exclude<Queue, 'all'>]: { readonly cases: number; readonly late: number } };

export type Entry = {
  readonly id: number;
  readonly at: number;
  /** `staff:ada`, `api:crm`, `incident`. */
  readonly by: string;
  readonly kind: EntryKind;
  readonly text: string;
  /** Of the incident's update that it answers with. */
  readonly updateId: number | undefined;
};
/** `frozen`: a `Screen` as it was then, by `GET /api/desk/cases/:id/evidence/:evidence`. */
export type EvidenceKept = { readonly id: number; readonly at: number; readonly why: 'opened' | 'escalated' };
/** Who has the case open now, or writes in it. */
export type Other = { readonly name: string; readonly writing: boolean; readonly since: number };
export type CaseSeen = {
  readonly case: CaseLine;
  /** The oldest first. */
  readonly entries: readonly Entry[];
  readonly evidence: readonly EvidenceKept[];
  readonly others: readonly Other[];
  /** Cases that go on in this one. */
  readonly merged: readonly number[];
};
/** `made`: false for a key that came before. */
export type Made = { readonly id: number; readonly made: boolean };

export type Macro = { readonly id: number; readonly name: string; readonly text: string; readonly also: { readonly close?: boolean | undefined; readonly priority?: Priority | undefined } };
export type Shift = { readonly id: number; readonly staff: string; readonly level: Level; readonly from: number; readonly until: number };
export type OnShift = { readonly staff: string; readonly level: Level; readonly presence: Presence; readonly since: number };
/** What was written for the next shift. */
export type HandOverNote = { readonly id: number; readonly at: number; readonly by: string; readonly level: Level; readonly text: string };
export type Shifts = {
  /** Of the time that is asked for. */
  readonly planned: readonly Shift[];
  readonly present: readonly OnShift[];
  /** Planned for now, and not there. */
  readonly missing: readonly string[];
  /** Of the last day, the newest first. */
  readonly notes: readonly HandOverNote[];
};
