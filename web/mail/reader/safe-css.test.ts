import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isShown, isShownMedia } from './safe-css.ts';

test.each([
  ['color', 'rgb(1, 2, 3)'], ['color', 'red'], ['width', '600px'], ['width', '100%'], ['width', 'calc(100% - 20px)'], ['background-image', 'linear-gradient(to right, rgb(1, 2, 3), rgb(4, 5, 6))'],
  ['font-family', 'Arial, "Helvetica Neue", sans-serif'], ['margin-left', '-10px'], ['border-top-left-radius', '4px'], ['display', 'none'], ['height', '10px'], ['height', 'auto'], ['text-decoration-line', 'underline'],
])('%s: %s is shown', (property, value) => expect(isShown(property, value)).toBe(true));

test.each([
  // What loads.
  ['background-image', 'url("https://evil.example/1.gif")'], ['background-image', 'image-set("https://evil.example/1.gif" 1x)'], ['background-image', 'cross-fade(url("a"), url("b"))'], ['background-image', 'image("https://evil.example/1.gif")'], ['background-image', 'paint(evil)'], ['background-image', '-webkit-image-set(url(a) 1x)'],
  ['list-style-image', 'url("a")'], ['border-image-source', 'url("a")'], ['cursor', 'url("a"), auto'], ['filter', 'url("a")'], ['mask-image', 'url("a")'], ['clip-path', 'url("a")'], ['content', 'url("a")'], ['src', 'url("a")'], ['color', 'src("https://evil.example")'],
  // What is put together later.
  ['background-image', 'var(--x, url(https://evil.example/1.gif))'], ['color', 'var(--x)'], ['--x', 'url(https://evil.example/1.gif)'], ['color', 'env(--x)'], ['width', 'attr(width px)'], ['color', 'if(style(--x): red)'], ['color', 'VAR(--x)'], ['width', '--f(1)'],
  // What leaves its place, or moves.
  ['position', 'fixed'], ['position', 'absolute'], ['position', 'sticky'], ['top', '0'], ['inset', '0'], ['z-index', '9999'], ['transform', 'scale(100)'], ['translate', '100px'], ['animation-name', 'x'], ['transition-property', 'all'], ['content', '"words"'], ['pointer-events', 'none'], ['behavior', 'x'], ['-moz-binding', 'x'],
  // Lengths of the frame.
  ['height', '100vh'], ['min-height', '100%'], ['height', '100%'], ['width', '50vw'], ['height', '100dvh'], ['width', '10cqw'], ['height', 'calc(100vh - 1px)'], ['max-height', '1e5svh'],
  // What a parser would not have given back.
  ['color', 'red; background: url(a)'], ['color', 'red } a {'], ['color', 'u\\72l(a)'], ['color', 'red/**/'], ['color', '</style>'], ['color', 'expression(alert(1))'], ['color', 'exp/* */ression(1)'], ['font-family', '@import'], ['color', ''], ['color', 'a'.repeat(3_000)],
])('%s: %s is not shown', (property, value) => expect(isShown(property, value)).toBe(false));

test('no value with a function that is not listed is shown, whatever is around it', () => {
  const listed = /^(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color|color-mix|light-dark|calc|min|max|clamp|minmax|repeat|fit-content|(?:repeating-)?(?:linear|radial|conic)-gradient)$/i;
  const name = fc.stringMatching(/^[a-zA-Z-][\w-]{0,12}$/).filter((each) => !listed.test(each));
  fc.assert(fc.property(fc.constantFrom('color', 'background-image', 'width', 'font-family'), name, fc.stringMatching(/^[a-z0-9 ,%()]{0,20}$/), (property, fn, rest) => !isShown(property, `${rest} ${fn}(${rest}`)));
});

test('conditions of media are of widths', () => {
  for (const shown of ['screen and (max-width: 600px)', '(min-width: 481px)', 'only screen and (max-device-width: 480px)', 'print', '(width <= 600px)', 'all']) expect(isShownMedia(shown), shown).toBe(true);
  for (const not of ['(prefers-color-scheme: dark)', '(prefers-reduced-motion)', '(hover: hover)', '(max-width: 1px) { a { color: red } } @import "x"', '(min-resolution: 2dppx)']) expect(isShownMedia(not), not).toBe(false);
});
