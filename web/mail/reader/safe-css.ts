/**
 * Which declarations of a mail's CSS are shown.
 *
 * Invariants: what is not known to be harmless is left out: properties and functions are those listed here. So there is
 * nothing that loads (url(), image(), image-set(), src(), cross-fade(), @import), nothing that is put together later than it
 * is looked at (custom properties, var(), env(), attr(), if()), nothing that leaves its place in the text (position,
 * transform, z-index, content), nothing that moves, and no length that depends on the frame, whose height follows the mail.
 * Values are those that the browser's own parser gives back, never the mail's own words: comments, escapes and odd spellings
 * are gone before they come here; where one is left, the declaration is not shown.
 */
const PROPERTIES = new RegExp(
  `^(?:${[
    'color',
    'background-(?:color|image|repeat(?:-[xy])?|size|clip|origin|position(?:-[xy])?)',
    'font-(?:family|size|size-adjust|style|weight|stretch|variant(?:-[a-z-]+)?|kerning)',
    'text-(?:align(?:-last)?|indent|transform|decoration(?:-(?:line|style|color|thickness))?|overflow|shadow|underline-(?:offset|position)|wrap(?:-(?:mode|style))?)',
    'line-height|letter-spacing|word-(?:spacing|break|wrap)|overflow-wrap|white-space(?:-collapse)?|hyphens|tab-size|direction|unicode-bidi|vertical-align|writing-mode',
    'list-style-(?:type|position)',
    '(?:margin|padding)(?:-(?:top|right|bottom|left|(?:inline|block)-(?:start|end)))?',
    'border-(?:(?:top|right|bottom|left|(?:inline|block)-(?:start|end))-)?(?:color|style|width)',
    'border-(?:(?:top|bottom)-(?:left|right)|(?:start|end)-(?:start|end))-radius|border-collapse|border-spacing|border-radius',
    'outline-(?:color|style|width|offset)|box-shadow|box-sizing|box-decoration-break',
    '(?:(?:min|max)-)?(?:width|height|inline-size|block-size)|aspect-ratio|object-fit|object-position',
    'display|visibility|opacity|float|clear|overflow(?:-[xy])?|table-layout|caption-side|empty-cells',
    'flex-(?:grow|shrink|basis|direction|wrap)|order|(?:align|justify)-(?:content|items|self)|(?:row|column)-gap',
    'grid-template-(?:columns|rows)|grid-auto-(?:flow|columns|rows)|grid-(?:row|column)-(?:start|end)',
    'column-(?:count|width|fill|span|rule-(?:color|style|width))|break-(?:before|after|inside)|orphans|widows',
  ].join('|')})$`,
);

const FUNCTIONS = /^(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color|color-mix|light-dark|calc|min|max|clamp|minmax|repeat|fit-content|(?:repeating-)?(?:linear|radial|conic)-gradient)$/;

/** Lengths by the frame's size: with them it would grow by growing. */
const OF_FRAME = /\d(?:[sld]?v(?:w|h|i|b|min|max)|cq(?:w|h|i|b|min|max))(?![a-z-])/i;
const HEIGHT = /^(?:(?:min|max)-)?(?:height|block-size)$/;

/** Longer than any value that a person or a newsletter's editor writes. */
const LONGEST = 2_000;

/** @param value as CSSOM serialises it */
export function isShown(property: string, value: string): boolean {
  if (!PROPERTIES.test(property) || value === '' || value.length > LONGEST) return false;
  // What a serialised value has none of, unless somebody tries something.
  if (/[\\<>{};@]|\/\*|!/.test(value)) return false;
  for (const [, name = ''] of value.matchAll(/([\w-]*)\(/g)) if (name !== '' && !FUNCTIONS.test(name.toLowerCase())) return false;
  if (OF_FRAME.test(value)) return false;
  return !(HEIGHT.test(property) && value.includes('%'));
}

/** Whether a condition of @media is of the frame's width and no more: not of what the reader has or wishes. */
export function isShownMedia(condition: string): boolean {
  return condition.length < 500 && /^(?:\s|only|not|and|all|screen|print|or|,|\((?:(?:min|max)-(?:device-)?width|width|orientation|[\d.a-z%]+)(?:\s*(?::|<=?|>=?)\s*(?:[\d.]+[a-z]*|width|portrait|landscape))*\))*$/i.test(condition);
}
