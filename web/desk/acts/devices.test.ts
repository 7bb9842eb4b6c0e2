import { expect, test } from 'vitest';
import { deviceOf } from './devices.ts';

test('the program decides before what it runs on', () => {
  expect(['iPhone or iPad, Mail', 'Outlook on Android', 'Thunderbird', 'Samsung Mail', ''].map(deviceOf)).toEqual(['iphone', 'outlook', 'thunderbird', 'android', 'other']);
});
