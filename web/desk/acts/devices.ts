/** Which of the devices that there are settings for a guess means. */
import type { DeviceKind } from '#desk/acts/api.ts';

/** In the order in which they are asked about. */
export const DEVICE_NAMES: Readonly<Record<DeviceKind, string>> = { iphone: 'iPhone, iPad', android: 'Android', outlook: 'Outlook', thunderbird: 'Thunderbird', other: 'Another' };

const SIGNS: readonly (readonly [sign: RegExp, device: DeviceKind])[] = [[/outlook/i, 'outlook'], [/thunderbird/i, 'thunderbird'], [/iphone|ipad/i, 'iphone'], [/android|samsung|k-9|gmail/i, 'android']];

export function deviceOf(guess: string): DeviceKind {
  return SIGNS.find(([sign]) => sign.test(guess))?.[1] ?? 'other';
}
