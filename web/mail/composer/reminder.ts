/**
 * Whether a message speaks of an attachment that is not there.
 *
 * Invariant: it is only ever asked about. What is quoted, and a signature, does not count.
 */

/** As people say it when they send a file; not the bare noun alone, which is also in answers ("I could not open the attachment"). */
const WORDS: readonly RegExp[] = [
  /\b(?:i(?:'ve|’ve| have)?|we(?:'ve|’ve| have)?) (?:just )?attach(?:ed)?\b/i,
  /\b(?:please )?(?:find|see|is|are|here(?:'s|’s| is| are)) (?:\w+ ){0,3}attached\b/i,
  /\battached (?:is|are|you|please|to this|file|document|picture|photo|invoice|herewith)\b/i,
  /\b(?:see|in|open) (?:the |my )?attachments?\b/i,
  /\benclosed (?:is|are|please|you)\b/i,
  /\b(?:te|le|os|les) (?:adjunto|adjuntamos|envío adjunt[oa]s?)\b/i,
  /\badjunt(?:o|amos|é) (?:a |el|la|los|las|un|una|te|le|mi|mis|en )/i,
  /\b(?:ver|en|encontrar[áa]s?|va|van|est[áa]n?) (?:el |los |un |como )?(?:archivos? |ficheros? |documentos? )?adjunt[oa]s?\b/i,
  /\b(?:im|in der|in den|siehe|als) (?:anhang|anlage)\b/i,
  /\b(?:anbei|angehängt|beigefügt)\b/i,
  /\b(?:ci-joint|pièces? jointes?|en pièce jointe)\b/i,
];

/** @param written what the writer wrote, as plain text, without what is quoted */
export function speaksOfAttachment(subject: string, written: string): boolean {
  const own = withoutSignature(written).split('\n').filter((line) => !line.startsWith('>')).join(' ').replaceAll(/\s+/g, ' ');
  const words = /^(?:re|fwd):/i.test(subject) ? own : `${subject} . ${own}`;
  return WORDS.some((pattern) => pattern.test(words));
}

function withoutSignature(text: string): string {
  const at = `\n${text}`.indexOf('\n-- \n');
  return at < 0 ? text : text.slice(0, at);
}
