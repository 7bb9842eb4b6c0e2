/** The browser's own list of what opens `mailto:` links. */

/** The browser asks its user; a page without TLS is refused, quietly. */
export function registerMailto(): void {
  try {
    navigator.registerProtocolHandler('mailto', `${window.location.origin}/write?mailto=%s`);
  } catch {
    // Nothing to be done here: it is a browser that has no such list.
  }
}
