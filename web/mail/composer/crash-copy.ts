/**
 * Copies of what is being written, in the browser: for the time until the platform has it, and for a tab that dies.
 *
 * Invariants: bounded in number, size and age; they are one account's, and all gone when it signs out. A copy whose composer
 * is open in another tab is not offered.
 */
import type { Message } from './message.ts';

export type CrashCopy = {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** What is not at the platform; undefined: all of it is, as `emailId`. */
  readonly message: Message | undefined;
  /** The draft at the platform, if there is one. */
  readonly emailId: string | undefined;
  readonly messageId: string | undefined;
  readonly subject: string;
  /** It was being handed over: it may have been sent. */
  readonly wasSending?: boolean;
};

export type CrashStore = {
  keep(copy: CrashCopy): void;
  forget(id: string): void;
  /** Those that no open composer has, the newest first. */
  orphans(): Promise<CrashCopy[]>;
  forgetAll(): void;
};

export type CrashParts = {
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;
  readonly accountId: string;
  /** Milliseconds since 1970. */
  now(): number;
  /** Whether a composer with this id is open in any tab. */
  isOpen(id: string): Promise<boolean>;
};

/** Browsers give 5 million characters to all of us; a text with a long quote has 100,000. */
const MOST_CHARACTERS = 600_000;
const MOST_COPIES = 8;
/** A long weekend; the platform has all but the last seconds of it anyway. */
const LONGEST_MS = 4 * 24 * 3_600_000;

const PREFIX = 'causeway.writing.';

export function createCrashStore({ storage, accountId, now, isOpen }: CrashParts): CrashStore {
  const own = `${PREFIX}${accountId}.`;

  function keys(): string[] {
    return Array.from({ length: storage.length }, (_, index) => storage.key(index)).filter((key): key is string => key?.startsWith(own) === true);
  }

  function read(key: string): CrashCopy | undefined {
    try {
      const copy = JSON.parse(storage.getItem(key) ?? 'null') as CrashCopy | null;
      return typeof copy?.id === 'string' && typeof copy.at === 'number' && now() - copy.at < LONGEST_MS ? copy : undefined;
    } catch {
      return undefined;
    }
  }

  /** Newest first; what cannot be read or is too old goes. */
  function all(): CrashCopy[] {
    const copies: CrashCopy[] = [];
    for (const key of keys()) {
      const copy = read(key);
      if (copy === undefined) storage.removeItem(key);
      else copies.push(copy);
    }
    return copies.sort((a, b) => b.at - a.at);
  }

  function forget(id: string): void {
    storage.removeItem(own + id);
  }

  return {
    forget,
    keep(copy) {
      let text = JSON.stringify(copy);
      // Without the quote, which the original still has, rather than nothing.
      if (text.length > MOST_CHARACTERS && copy.message?.quote !== undefined) text = JSON.stringify({ ...copy, message: { ...copy.message, quote: undefined } });
      if (text.length > MOST_CHARACTERS) return;
      for (const old of all().filter(({ id }) => id !== copy.id).slice(MOST_COPIES - 1)) forget(old.id);
      try {
        storage.setItem(own + copy.id, text);
      } catch {
        // Full, or forbidden: the platform's draft is what counts.
      }
    },
    async orphans() {
      const found: CrashCopy[] = [];
      for (const copy of all()) if (!(await isOpen(copy.id))) found.push(copy);
      return found;
    },
    forgetAll() {
      for (const key of keys()) storage.removeItem(key);
    },
  };
}
