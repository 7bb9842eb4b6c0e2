/**
 * Keeps the site written: each minute, at each update, and within seconds of what machines see.
 *
 * Invariants: whatever the store, the disk or the folder does, the next minute is tried; the site in memory is the newest
 * that could be made. One round at a time; a wish that comes meanwhile gets a round of its own.
 */
import { messageOf } from '#errors/index.ts';
import { createFeed, type Store } from '#store/index.ts';
import { UPDATE_TOPIC } from '#incident/declared/index.ts';
import { siteUnmeasured, siteUnwritten } from './events.ts';
import { type Known, modelOf, readKnown, type ReadForecasts, statesOf } from './model-read.ts';
import { type Assets, type SiteFiles, siteFiles } from './site/files.ts';
import type { Links } from './site/model.ts';
import type { States } from './state/component-state.ts';
import { readFacts } from './state/facts.ts';
import { createSiteWriter } from './write-site.ts';

/** The pages say that they are written each minute; what changes meanwhile is looked for so often. */
const LOOK_MS = 10_000;
const LOOKS = 6;

export type Publisher = {
  /** As they were made last; empty before the first round. */
  files(): SiteFiles;
  /** What staff see of the components. */
  states(): States;
  /** A round that began after this call. */
  publish(): Promise<void>;
  stop(): Promise<void>;
};

export type PublisherOptions = {
  readonly store: Store;
  /** Its name, as long as it lives. */
  readonly instance: string;
  readonly provider: string;
  readonly zone: string;
  readonly links: Links;
  readonly assets: Assets;
  /** Undefined: it is only served by us. */
  readonly folder: string | undefined;
  readonly forecast: ReadForecasts;
};

export function startPublisher({ store, instance, folder, forecast, assets, ...about }: PublisherOptions): Publisher {
  const { clock, emit } = store;
  const writer = folder === undefined ? undefined : createSiteWriter(folder, instance);
  const beganAt = clock.now();
  const stopping = new AbortController();
  let known: Known | undefined;
  let measured = false;
  let files: SiteFiles = new Map();
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  async function round(): Promise<void> {
    try {
      known = await readKnown(store, forecast);
      measured = true;
    } catch (error) {
      measured = false;
      emit(siteUnmeasured, { message: messageOf(error) });
    }
    files = siteFiles(modelOf(known, { ...about, now: clock.now(), measured, beganAt }), assets);
    try {
      await writer?.write(files);
    } catch (error) {
      emit(siteUnwritten, { message: messageOf(error) });
    }
  }

  /** What the pages say of now is not so any more. A store that does not answer is told with the minute. */
  async function hasChanged(): Promise<boolean> {
    if (known === undefined || stopping.signal.aborted) return false;
    const facts = await readFacts(store).catch(() => undefined);
    return facts !== undefined && (!measured || saidOf({ ...known, facts }) !== saidOf(known));
  }

  function publish(): Promise<void> {
    next ??= (running ?? Promise.resolve()).then(() => {
      next = undefined;
      running = round().finally(() => (running = undefined));
      return running;
    });
    return next;
  }

  const feed = createFeed(store, { topics: [UPDATE_TOPIC], onChanges: publish });
  const minutes = (async () => {
    while (!stopping.signal.aborted) {
      await publish();
      for (let look = 0; look < LOOKS && !stopping.signal.aborted; look++) {
        await clock.sleep(LOOK_MS, stopping.signal).catch(() => {});
        if (await hasChanged()) break;
      }
    }
  })();

  return {
    files: () => files,
    states: () => statesOf(known, measured, clock.now()),
    publish,
    async stop() {
      stopping.abort();
      await feed.stop();
      await minutes;
    },
  };
}

/** All that may change from one minute to the next. */
function saidOf(known: Known): string {
  const levels = Object.values(statesOf(known, true, known.facts.at)).map(({ level }) => level);
  return JSON.stringify([levels, known.facts.moving, known.facts.declared.length]);
}
