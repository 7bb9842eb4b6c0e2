/**
 * What happened, said once: a room defines its events in its `events.ts`; an event names the sinks that it feeds.
 *
 * Invariants: emitting never throws and never waits. A counter takes only the event's `labels`, which are of low
 * cardinality. No field of an event holds a secret.
 */
export type Level = 'debug' | 'info' | 'warn' | 'error';

export type Fields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export type EventDefinition<F extends Fields> = {
  /** `room.what-happened`, for example `signin.verdict`. */
  readonly name: string;
  readonly level: Level;
  /** Sinks: `log` writes a line, `count` raises a counter keyed by `labels`. */
  readonly sinks: readonly ('log' | 'count')[];
  readonly labels: readonly (keyof F & string)[];
};

export type Emit = <F extends Fields>(definition: EventDefinition<F>, fields: F) => void;

/** A place where events go. It gets those whose definition names it. */
export type Sink = { readonly kind: 'log' | 'count'; accept(definition: EventDefinition<Fields>, fields: Fields): void };

/** Defines an event. `labels` are the fields that a counter may be keyed by. */
export function defineEvent<F extends Fields>(
  name: string,
  level: Level,
  sinks: readonly ('log' | 'count')[] = ['log'],
  labels: readonly (keyof F & string)[] = [],
): EventDefinition<F> {
  return { name, level, sinks, labels };
}

/** Builds the emitter. A sink that throws is skipped: an event is best effort, the work that it tells of is not. */
export function createEmit(sinks: readonly Sink[]): Emit {
  return (definition, fields) => {
    for (const sink of sinks) {
      if (!definition.sinks.includes(sink.kind)) continue;
      try {
        sink.accept(definition as unknown as EventDefinition<Fields>, fields);
      } catch {
        // A full disk under the log must not stop the mail.
      }
    }
  };
}

/** For tests and small tools that want silence. */
export const silent: Emit = () => {};
