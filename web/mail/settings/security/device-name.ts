/** What a browser says of itself, as people call it. Pure. */
export type Device = { readonly browser: string | undefined; readonly system: string | undefined };

/** The first that fits: all say that they are several others, too. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdgA?(?:iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:HeadlessChrome|Chrome|CriOS|Chromium)\//, 'Chrome'],
  [/\bVersion\/\S+ (?:Mobile\/\S+ )?Safari\//, 'Safari'],
  [/\bThunderbird\//, 'Thunderbird'],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bMac OS X\b|\bMacintosh\b/, 'Mac'],
  [/\bLinux\b|\bX11\b/, 'Linux'],
];

export function deviceOf(userAgent: string): Device {
  const find = (among: typeof BROWSERS): string | undefined => among.find(([form]) => form.test(userAgent))?.[1];
  return { browser: find(BROWSERS), system: find(SYSTEMS) };
}

/** For a passkey that was made here, and the like. @param join `Firefox` and `Linux` to `Firefox on Linux` */
export function nameOf(userAgent: string, join: (browser: string, system: string) => string, unknown: string): string {
  const { browser, system } = deviceOf(userAgent);
  if (browser !== undefined && system !== undefined) return join(browser, system);
  // Another JMAP client: its own first word, if it has one.
  return browser ?? system ?? /^[\w .-]{2,40}?(?=[/(]|$)/.exec(userAgent)?.[0].trim() ?? unknown;
}
