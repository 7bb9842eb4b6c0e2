/**
 * A line on the terminal that tells how far work is, how fast it goes and when it will be done.
 *
 * Invariant: it is for the eye: on standard error, only when that is a terminal, and gone when the work has ended.
 */
import { systemClock } from '#events/clock.ts';
import { createForecaster, forecastText, type Amounts } from './forecast.ts';
import { bar, bytes } from './output.ts';

export type Amount = {
  readonly messages: number;
  readonly bytes: number;
  readonly ofMessages: number;
  readonly ofBytes: number | undefined;
  /** Of several. */
  readonly accounts?: number;
  readonly ofAccounts?: number;
  /** One account's, whose move ends as it began. */
  readonly alone?: boolean;
  /** Nothing was begun: that says nothing of how long it will take. */
  readonly waits?: boolean;
};

/** What is known of it, unit by unit, as a forecaster takes it. */
export function unitsOf({ messages, bytes: size, ofMessages, ofBytes, accounts, ofAccounts }: Amount): { done: Amounts; all: Amounts } {
  return {
    done: { messages, bytes: size, ...(accounts === undefined ? {} : { accounts }) },
    all: { messages: ofMessages, ...(ofBytes === undefined ? {} : { bytes: ofBytes }), ...(ofAccounts === undefined ? {} : { accounts: ofAccounts }) },
  };
}

export type ProgressLine = {
  /** May be called for every message. @param more said at the end of the line */
  show(amount: Amount, more?: string): void;
  end(): void;
};

const DRAW_MS = 200;

/** @param wanted false for `--json` */
export function progressLine(wanted: boolean): ProgressLine {
  if (!wanted || !process.stderr.isTTY) return { show: () => {}, end: () => {} };
  const began = systemClock.monotonic();
  const forecaster = createForecaster();
  let drawn = Number.NEGATIVE_INFINITY;
  return {
    show(amount, text) {
      const now = systemClock.monotonic();
      if (now - drawn < DRAW_MS) return;
      drawn = now;
      const { done, all } = unitsOf(amount);
      if (amount.waits !== true) forecaster.seen(now, done);
      const left = forecaster.left(all, amount.alone);
      const seconds = Math.max(0.001, (now - began) / 1_000);
      const words = [
        `${amount.messages}/${Math.max(amount.messages, amount.ofMessages)} messages`,
        `${bytes(amount.bytes / seconds)}/s`,
        `${Math.round(amount.messages / seconds)}/s`,
        ...(left === undefined ? [] : [`${forecastText(left)} left`]),
        ...(text === undefined ? [] : [text]),
      ];
      process.stderr.write(`\r\x1b[K${bar(amount.messages, amount.ofMessages, 24)} ${words.join(', ')}`);
    },
    end: () => void process.stderr.write('\r\x1b[K'),
  };
}
