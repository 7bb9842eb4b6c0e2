/**
 * Colours of a mail on a dark ground.
 *
 * Invariant: between two colours the contrast (WCAG 2.2, 1.4.3) is in the dark what the sender made it in the light, up to
 * where there is no lighter white: lightness is turned so that (luminance + 0.05) becomes its inverse, white the ground's
 * colour, black nearly white. Hue stays.
 */
export type Rgb = readonly [red: number, green: number, blue: number];

/** Of `--surface` in the dark (ui/tokens.css): what white becomes. */
export const DARK_GROUND: Rgb = [21, 31, 34];
/** What black becomes: no more glare than the page's own text. */
const BRIGHTEST = 0.88;
const LIFT = 0.05;

const linear = (channel: number): number => (channel <= 10.314_75 ? channel / 3_294.6 : ((channel / 255 + 0.055) / 1.055) ** 2.4);
const gamma = (light: number): number => Math.round(255 * (light <= 0.003_130_8 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055));

/** WCAG 2.2's relative luminance, of channels that are linear. */
const luminanceOf = ([red, green, blue]: Rgb): number => 0.2126 * red + 0.7152 * green + 0.0722 * blue;

export const luminance = ([red, green, blue]: Rgb): number => luminanceOf([linear(red), linear(green), linear(blue)]);

export function contrast(one: Rgb, other: Rgb): number {
  const [low = 0, high = 0] = [luminance(one) + LIFT, luminance(other) + LIFT].toSorted((a, b) => a - b);
  return high / low;
}

/** @param colour channels of 0 to 255 */
export function darkened(colour: Rgb): Rgb {
  const light: Rgb = [linear(colour[0]), linear(colour[1]), linear(colour[2])];
  const before = luminanceOf(light);
  const after = Math.min(BRIGHTEST, ((1 + LIFT) * (luminance(DARK_GROUND) + LIFT)) / (before + LIFT) - LIFT);
  // Mixed with white or with black: both in light, so the luminance is met exactly.
  const toWhite = after > before ? (after - before) / (1 - before) : 0;
  const kept = after > before ? 1 : after / before;
  const mix = (channel: number): number => gamma(channel * kept + (1 - channel) * toWhite);
  // White itself is the ground, with its tint, so that no edge shows where a mail says it.
  return before > 0.995 ? DARK_GROUND : [mix(light[0]), mix(light[1]), mix(light[2])];
}

const COLOUR = /#[0-9a-f]{3,8}\b|rgba?\([^()]*\)/gi;

/**
 * A value with the colours in it darkened, where it is of a property that paints.
 * @param named what a word such as `navy` is in `#rrggbb`; undefined for what is no colour's name
 */
export function darkenedValue(property: string, value: string, named: (word: string) => string | undefined): string {
  if (/(?:^|-)color$/.test(property)) {
    const known = /^[a-z]+$/i.test(value) ? (named(value) ?? value) : value;
    return known.replace(COLOUR, darkenedText);
  }
  return property === 'background-image' ? value.replace(COLOUR, darkenedText) : value;
}

function darkenedText(text: string): string {
  const parsed = parseColour(text);
  if (parsed === undefined) return text;
  const [red, green, blue] = darkened(parsed.rgb);
  return parsed.alpha === '' ? `rgb(${red}, ${green}, ${blue})` : `rgba(${red}, ${green}, ${blue}, ${parsed.alpha})`;
}

/** Hexadecimal, or rgb() as CSSOM serialises it. */
function parseColour(text: string): { readonly rgb: Rgb; readonly alpha: string } | undefined {
  const [, hex] = /^#([0-9a-f]+)$/i.exec(text) ?? [];
  if (hex !== undefined) {
    const wide = hex.length <= 4 ? [...hex].map((digit) => digit + digit).join('') : hex;
    const [red = 0, green = 0, blue = 0, alpha] = (wide.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));
    return wide.length === 6 || wide.length === 8 ? { rgb: [red, green, blue], alpha: alpha === undefined ? '' : String(alpha / 255) } : undefined;
  }
  const [, inside = ''] = /^rgba?\((.*)\)$/i.exec(text) ?? [];
  const [red, green, blue, alpha] = inside.split(/[\s,/]+/).filter((part) => part !== '');
  const channels = [red, green, blue].map((part) => (part?.endsWith('%') ? Number.parseFloat(part) * 2.55 : Number(part)));
  return channels.every((channel) => channel >= 0 && channel <= 255) ? { rgb: [channels[0]!, channels[1]!, channels[2]!], alpha: alpha ?? '' } : undefined;
}
