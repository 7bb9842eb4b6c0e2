/** BODY and BODYSTRUCTURE (RFC 3501 7.4.2). */
import { envelope } from './envelope.ts';
import { parseParameters, valueOf } from './headers.ts';
import type { Part } from './mime.ts';
import { list, nstring } from './words.ts';

/** @param extended BODYSTRUCTURE rather than BODY */
export function structure(text: string, part: Part, extended: boolean): string {
  if (part.type === 'multipart') {
    const children = part.children.map((child) => structure(text, child, extended)).join('');
    const extension = extended ? ` ${parameterList(part.parameters)} ${tail(part)}` : '';
    return `(${children} ${nstring(part.subtype.toUpperCase())}${extension})`;
  }
  const items = [
    nstring(part.type.toUpperCase()),
    nstring(part.subtype.toUpperCase()),
    parameterList(part.parameters),
    nstring(valueOf(part.fields, 'content-id')),
    nstring(valueOf(part.fields, 'content-description')),
    nstring((valueOf(part.fields, 'content-transfer-encoding') ?? '7bit').replaceAll(/\([^()]*\)/g, '').trim().toUpperCase()),
    String(part.end - part.body),
  ];
  const inner = part.type === 'message' && part.subtype === 'rfc822' ? part.children[0] : undefined;
  if (inner) items.push(envelope(inner.fields), structure(text, inner, extended), String(lines(text, part)));
  // A message/rfc822 too deep to be parsed has no inner structure to give; then it must not claim to be one.
  else if (part.type === 'message' && part.subtype === 'rfc822') items[1] = '"OCTET-STREAM"';
  else if (part.type === 'text') items.push(String(lines(text, part)));
  if (extended) items.push(nstring(valueOf(part.fields, 'content-md5')), tail(part));
  return `(${items.join(' ')})`;
}

/** Disposition, language, location. */
function tail(part: Part): string {
  const disposition = valueOf(part.fields, 'content-disposition');
  const language = valueOf(part.fields, 'content-language');
  return [dispositionOf(disposition), nstring(language), nstring(valueOf(part.fields, 'content-location'))].join(' ');
}

function dispositionOf(value: string | undefined): string {
  if (value === undefined || value === '') return 'NIL';
  const { value: name, parameters } = parseParameters(value);
  return `(${nstring(name)} ${parameterList(parameters)})`;
}

function parameterList(parameters: readonly (readonly [string, string])[]): string {
  return list(parameters.map(([name, value], index) => `${index > 0 ? ' ' : ''}${nstring(name.toUpperCase())} ${nstring(value)}`));
}

function lines(text: string, part: Part): number {
  const body = text.slice(part.body, part.end);
  let count = 0;
  for (let at = body.indexOf('\n'); at >= 0; at = body.indexOf('\n', at + 1)) count += 1;
  return count;
}
