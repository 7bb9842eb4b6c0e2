/** Styles of the frame around those of a mail: what it begins with, and what it cannot change. */

export type FrameLook = { readonly text: string; readonly quiet: string; readonly link: string; readonly line: string; readonly face: string; readonly scheme: 'light' | 'dark'; readonly ground: string };

/** On the root, where a mail's own widths are given up. */
export const FLUID = 'data-fluid';

/** Before the mail's own. */
export const before = ({ text, quiet, link, line, face, scheme, ground }: FrameLook): string => `
:root { color-scheme: ${scheme}; background: ${ground}; }
body { margin: 0; color: ${text}; font: 15px/1.55 ${face}; overflow-wrap: anywhere; }
a { color: ${link}; }
table { font-size: inherit; line-height: inherit; }
img { max-width: 100%; object-fit: contain; }
img:not([height]) { height: auto; }
pre { white-space: pre-wrap; }
blockquote { margin: 8px 0; padding-inline-start: 12px; border-inline-start: 3px solid ${line}; color: ${quiet}; }
details.quoted-by-us > summary { display: inline-block; margin-block: 8px; padding: 2px 14px; border: 1px solid ${line}; border-radius: 99px; color: ${quiet}; font: 13px/1.4 ${face}; cursor: pointer; list-style: none; }
details.quoted-by-us > summary:focus-visible { outline: 2px solid ${link}; outline-offset: 2px; }
`;

/** Behind them: the frame is as high as the mail, so the mail is not as high as the frame. */
export const AFTER = `
html { height: auto !important; min-height: 0 !important; max-height: none !important; margin: 0 !important; padding: 0 !important; overflow-x: auto !important; overflow-y: hidden !important; display: block !important; }
body { height: auto !important; min-height: 0 !important; max-height: none !important; overflow: visible !important; display: block !important; visibility: visible !important; opacity: 1 !important; float: none !important; width: auto !important; max-width: none !important; }
img { max-width: 100% !important; }
[${FLUID}] :is(table, tbody, thead, tr, td, th, div, p, center, section) { min-width: 0 !important; max-width: 100% !important; width: auto !important; }
[${FLUID}] table { table-layout: auto !important; }
[${FLUID}] img { height: auto !important; }
@media print { details.quoted-by-us > summary { display: none; } }
`;
