import { expect, test } from 'vitest';
import type { HistoryLine } from '#webmail/security/api.ts';
import { nameOf } from './device-name.ts';
import { devicesWithPassword, toneOf } from './lines.ts';

test('browsers are called as people call them', () => {
  const name = (userAgent: string): string => nameOf(userAgent, (browser, system) => `${browser} on ${system}`, 'Something');
  expect(name('Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0')).toBe('Firefox on Linux');
  expect(name('Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0')).toBe('Edge on Windows');
  expect(name('Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1')).toBe('Safari on iPhone');
  expect(name('Mozilla/5.0 (Linux; Android 16; SM-G991B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36')).toBe('Samsung Internet on Android');
  expect(name('Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15')).toBe('Safari on Mac');
  expect(name('Ltt.rs/0.4 (Android)')).toBe('Android');
  expect(name('meli/0.8')).toBe('meli');
  expect(name('')).toBe('Something');
  expect(name(`<script>${'x'.repeat(500)}`)).toBe('Something');
});

test('devices with the password are told once each, the latest first; those with an app password, and browsers, are not', () => {
  const line = (more: Partial<HistoryLine>): HistoryLine => ({ protocol: 'imap', network: '192.0.2.1', device: '', outcome: 'accepted', means: 'password', firstAt: '2026-11-01T00:00:00Z', lastAt: '2026-11-02T00:00:00Z', times: 1, ...more });
  expect(
    devicesWithPassword([
      line({}),
      line({ protocol: 'submission', lastAt: '2026-11-05T00:00:00Z' }),
      line({ network: '192.0.2.2', outcome: 'app-password-needed', lastAt: '2026-11-06T00:00:00Z' }),
      line({ network: '192.0.2.3', means: 'app-password' }),
      line({ network: '192.0.2.4', protocol: 'webmail' }),
      line({ network: '192.0.2.5', outcome: 'rejected', means: 'none' }),
    ]),
  ).toEqual([
    { network: '192.0.2.2', protocols: ['imap'], lastAt: '2026-11-06T00:00:00Z' },
    { network: '192.0.2.1', protocols: ['imap', 'submission'], lastAt: '2026-11-05T00:00:00Z' },
  ]);
});

test('what nobody could judge is nobody’s fault', () => {
  expect((['accepted', 'rejected', 'locked', 'waiting', 'stopped', 'code-asked', 'app-password-needed'] as const).map((outcome) => toneOf({ outcome }))).toEqual(['good', 'bad', 'bad', 'plain', 'plain', 'plain', 'plain']);
});
