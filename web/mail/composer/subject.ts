/**
 * Subjects of answers and of what is handed on.
 *
 * Invariant: of the marks that programs in other languages put before a subject one is left, in the form that all programs
 * know (RFC 5322 section 3.6.5: `Re: `); what is no mark stays.
 */

/** English and Romance, German, Dutch, Nordic, Polish, Finnish, Italian, Turkish, Hungarian, Greek, Chinese. */
const REPLY = 're|aw|antw|antwort|sv|vs|odp|rif|ref|ynt|res|rép|vá|απ|回复|回覆|答复|答覆';
const FORWARD = 'fwd?|fw|wg|vb|vl|doorst|tr|rv|enc|pd|ilt|i|πρθ|转发|轉寄|转寄';

/** `Re[2]:`, `RE^3 :`, and the colon of Chinese keyboards. */
const mark = (words: string): RegExp => new RegExp(`^(?:(?:${words})\\s*(?:\\[\\d{1,3}\\]|\\(\\d{1,3}\\)|\\^\\d{1,3}|\\*\\d{1,3})?\\s*[:：]\\s*)+`, 'iu');
const REPLIES = mark(REPLY);
const FORWARDS = mark(FORWARD);
/** `[list]`, which lists put before an answer's mark. */
const TAG = /^\[[^\][]{1,60}\]\s*/u;

export function replySubject(subject: string | null): string {
  return `Re: ${withoutMarks(flat(subject), REPLIES)}`.trimEnd();
}

export function forwardSubject(subject: string | null): string {
  return `Fwd: ${withoutMarks(flat(subject), FORWARDS)}`.trimEnd();
}

function withoutMarks(subject: string, marks: RegExp): string {
  const rest = subject.replace(marks, '');
  const tag = TAG.exec(rest)?.[0] ?? '';
  return `${tag}${rest.slice(tag.length).replace(marks, '')}`;
}

function flat(subject: string | null): string {
  return (subject ?? '').replaceAll(/\s+/g, ' ').trim();
}
