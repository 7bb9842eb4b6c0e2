/**
 * What an act is: it changes one account within a transaction, and says what is to be shown and what taking it back needs.
 *
 * Invariant: each writes its own audit, with who and why, in that transaction; so do the rooms below that most of them call.
 */
import type { Config } from '#config/index.ts';
import type { PlatformFacts } from '#directory/index.ts';
import type { Tx } from '#store/index.ts';
import type { ActShown, DeskActBody, DeskActName } from './api.ts';
import type { SettingsLinks } from './settings/link.ts';

export type By = { readonly actor: string; readonly why: string };

/** What acts need of the configuration. */
export type ActParts = {
  readonly config: Pick<Config, 'listen' | 'tls'>;
  readonly ports: Readonly<Partial<Record<string, number>>>;
  readonly facts: PlatformFacts;
  /** Absent: customers have no pages here, or no key outlives a process. */
  readonly links?: SettingsLinks | undefined;
};

export type Done = { readonly shown?: ActShown; /** For `undo`; no secret. */ readonly kept?: Readonly<Record<string, unknown>> };

export type DeskAct<N extends DeskActName = DeskActName> = {
  /** @throws CausewayError that says in words for the technician why not */
  run(tx: Tx, accountId: number, body: DeskActBody<N>, by: By, parts: ActParts): Promise<Done>;
  /** Absent: it cannot be taken back. @throws CausewayError `conflict` when it is too late */
  undo?(tx: Tx, accountId: number, kept: Readonly<Record<string, unknown>>, by: By): Promise<void>;
};
