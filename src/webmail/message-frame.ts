/**
 * The empty document in which a mail is shown: an answer of its own, so that it has a policy of its own.
 *
 * Invariants: nothing in it runs, submits, embeds, navigates or loads, but pictures from the two places of ours that give
 * nothing else: parts of the customer's mails, and remote-content.ts. The policy says so by itself, whatever the page puts
 * in, and whether or not the page's frame says `sandbox`. Only our own page may frame it. It holds no word of anybody's
 * mail, so it may be kept.
 *
 * Why not `srcdoc` or a blob: these have the policy of the page that makes them, under which no mail could keep its
 * colours. Why `allow-same-origin`: the page fits the frame's height to the mail and opens its links' own menus, and
 * pictures come with the customer's cookie, which an opaque origin does not send; without `allow-scripts` there is nothing
 * in the frame that could make use of the origin. It is what mox does, for the same reasons (webmail/webmail.go).
 */
import type { App } from '#http/app.ts';

export const FRAME_PATH = '/mail-frame';

/** CSP 3 section 2.3.1 host-source: no brackets, so an IPv6 literal cannot be said. */
const HOST = /^[A-Za-z0-9.-]+(?::\d{1,5})?$/;

const DOCUMENT = '<!doctype html><html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="referrer" content="no-referrer"><title>Message</title></head><body></body></html>';

export function addMessageFrame(app: App): void {
  app.get(FRAME_PATH, (c) => c.html(DOCUMENT, 200, { 'Content-Security-Policy': framePolicy(c.req.header('host')), 'X-Frame-Options': 'SAMEORIGIN', 'Cache-Control': 'private, max-age=3600' }));
}

/** @param host as the browser names us */
export function framePolicy(host: string | undefined): string {
  const pictures = host !== undefined && HOST.test(host) ? `${host}/jmap/download/ ${host}/api/remote` : "'self'";
  return [
    "default-src 'none'",
    `img-src ${pictures} data:`,
    "style-src 'unsafe-inline'",
    "script-src 'none'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'self'",
    'sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox',
  ].join('; ');
}
