/**
 * A line on the terminal that tells how far work is, how fast it goes and when it will be done.
 *
 * Invariant: it is for the eye: on standard error, only when that is a terminal, and gone when the work has ended.
 */
import { systemClock } from '#events/clock.ts';
import { createForecaster, forecastText } from './forecast.ts';
import { bar, bytes } from './output.ts';

export type Amount = { readonly messages: number; readonly bytes: number; readonly ofMessages: number; readonly ofBytes: number | undefined };

export type ProgressLine = {
  /** May be called for every message. @param more said at the end of the line */
  show(amount: Amount, more?: { readonly text?: string; readonly done?: number; readonly of?: number }): void;
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
    show(amount, { text, done, of } = {}) {
      const now = systemClock.monotonic();
      if (now - drawn < DRAW_MS) return;
      drawn = now;
      const units = { messages: amount.messages, bytes: amount.bytes, ...(done === undefined ? {} : { accounts: done }) };
      const all = { messages: amount.ofMessages, ...(amount.ofBytes === undefined ? {} : { bytes: amount.ofBytes }), ...(of === undefined ? {} : { accounts: of }) };
      forecaster.seen(now, units);
      const left = forecaster.left(all);
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
