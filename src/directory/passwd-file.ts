/** A line of Dovecot's passwd-file, as far as it concerns us. */
export type PasswdLine = { readonly line: number; readonly user: string; readonly password: string };

/**
 * Reads `user:password:uid:gid:gecos:home:shell:extra` (Dovecot, "Passwd-file"); all but the first field may be
 * missing. Empty lines and lines that begin with # are skipped. What else a user has there (uid, home, extra fields)
 * concerns the platform alone.
 */
export function parsePasswdFile(text: string): PasswdLine[] {
  const lines: PasswdLine[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    if (raw.trim() === '' || raw.startsWith('#')) continue;
    const [user = '', password = ''] = raw.split(':');
    lines.push({ line: index + 1, user, password });
  }
  return lines;
}
