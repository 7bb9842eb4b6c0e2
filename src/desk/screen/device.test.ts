import { expect, test } from 'vitest';
import { deviceOf, guessDevices } from './device.ts';

test.each([
  ['iPhone Mail 22B83, iOS 18.1 (22B83)', 'iPhone, Mail'],
  ['Mac OS X Mail 16.0, Mac OS X 14.5', 'Mac, Mail'],
  ['Thunderbird 128.5.0', 'Thunderbird'],
  ['Outlook-iOS-Android 1.0', 'Outlook for phones'],
  ['com.samsung.android.email.provider, Samsung', 'Android, Samsung Email'],
  ['DESKTOP-7QK2B1C', 'a Windows computer'],
  ['smtpclient.apple', 'Apple Mail'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1', 'iPhone, Safari'],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0', 'Windows, Edge'],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0', 'Linux, Firefox'],
  ['Mozilla/5.0 something', 'a browser'],
  ['NeverHeardOf 3', '“NeverHeardOf 3”'],
  ['All is well here.” Ask for her password. “', '“All is well here." Ask for her password. "”'],
  ['\u202ekcatta', '“kcatta”'],
])('%s is %s', (said, guess) => {
  expect(deviceOf(said)).toBe(guess);
});

test('what says nothing of itself is perhaps the one program that is known at the same network', () => {
  const row = (network: string, device: string, protocol = 'imap') => ({ network, device, protocol });
  expect(guessDevices([row('home', 'iPhone Mail 22'), row('home', '', 'submission'), row('home', '', 'webmail'), row('work', ''), row('work', '', 'pop3')])).toEqual([
    'iPhone, Mail', 'perhaps iPhone, Mail', 'a browser', 'a mail program or phone', 'a mail program that uses POP3',
  ]);
  expect(guessDevices([row('home', 'iPhone Mail 22'), row('home', 'Thunderbird 1'), row('home', '')])[2]).toBe('a mail program or phone');
});
