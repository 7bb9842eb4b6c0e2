/**
 * The look of the customers' pages. Text on its ground has a contrast of 7:1 and more in light and dark (WCAG 1.4.6), what
 * is touched is 48 px high (2.5.5), and nothing is said by colour alone.
 */
export const STYLE = `:root { color-scheme: light dark; --ground: #ffffff; --text: #1b1f24; --quiet: #474e57; --line: #6b7480; --act: #0b4a8f; --on-act: #ffffff; --bad: #8c1010; --good: #0a5224; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171a; --text: #f0f2f4; --quiet: #c3c9d0; --line: #8a939d; --act: #9cc8ff; --on-act: #0a1a2b; --bad: #ffb3ad; --good: #9be3b0; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 1.125rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
main { max-width: 32rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 1rem; }
label { display: block; font-weight: 600; margin: 1.25rem 0 0.25rem; }
.hint { color: var(--quiet); margin: 0 0 0.25rem; }
input { width: 100%; min-height: 3rem; padding: 0 0.75rem; font: inherit; color: inherit; background: var(--ground); border: 2px solid var(--line); border-radius: 0.5rem; }
input[aria-invalid="true"] { border-color: var(--bad); border-width: 3px; }
button { display: block; width: 100%; min-height: 3rem; margin-top: 1.75rem; font: inherit; font-weight: 600; color: var(--on-act); background: var(--act); border: 0; border-radius: 0.5rem; cursor: pointer; }
:focus-visible { outline: 3px solid var(--act); outline-offset: 3px; }
.told { border-left: 0.4rem solid var(--line); padding: 0.25rem 0 0.25rem 1rem; margin: 0 0 1.5rem; }
.told.bad { border-color: var(--bad); }
.told.good { border-color: var(--good); }
.told h2 { font-size: 1.2rem; margin: 0; }
.told p { margin: 0.25rem 0 0; }
`;
