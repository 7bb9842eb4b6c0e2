/** Which properties an Email has, and which of them a call asks for (RFC 8621 sections 4.1 and 4.2). */
import * as z from 'zod';
import { invalidArguments } from '../jmap/errors.ts';
import { unsignedInt } from '../jmap/id.ts';
import { type Form, type HeaderProperty, parseHeaderProperty } from '../mime/forms.ts';

export const METADATA = ['id', 'blobId', 'threadId', 'mailboxIds', 'keywords', 'size', 'receivedAt'];

/** Properties that are a header field in one of its forms. */
export const CONVENIENT: ReadonlyMap<string, readonly [name: string, form: Form]> = new Map<string, readonly [string, Form]>([
  ['messageId', ['Message-ID', 'asMessageIds']],
  ['inReplyTo', ['In-Reply-To', 'asMessageIds']],
  ['references', ['References', 'asMessageIds']],
  ['sender', ['Sender', 'asAddresses']],
  ['from', ['From', 'asAddresses']],
  ['to', ['To', 'asAddresses']],
  ['cc', ['Cc', 'asAddresses']],
  ['bcc', ['Bcc', 'asAddresses']],
  ['replyTo', ['Reply-To', 'asAddresses']],
  ['subject', ['Subject', 'asText']],
  ['sentAt', ['Date', 'asDate']],
]);

const BODY = ['bodyStructure', 'bodyValues', 'textBody', 'htmlBody', 'attachments', 'hasAttachment', 'preview'];
export const PARSED = [...CONVENIENT.keys(), 'hasAttachment', 'preview', 'bodyValues', 'textBody', 'htmlBody', 'attachments'];
const DEFAULT = [...METADATA, ...PARSED];

const PART = ['partId', 'blobId', 'size', 'headers', 'name', 'type', 'charset', 'disposition', 'cid', 'language', 'location', 'subParts'];
const PART_DEFAULT = ['partId', 'blobId', 'size', 'name', 'type', 'charset', 'disposition', 'cid', 'language', 'location'];

export const bodyArguments = {
  bodyProperties: z.array(z.string()).nullish(),
  fetchTextBodyValues: z.boolean().nullish(),
  fetchHTMLBodyValues: z.boolean().nullish(),
  fetchAllBodyValues: z.boolean().nullish(),
  maxBodyValueBytes: unsignedInt.nullish(),
};

/** Of one call: more header fields than a message has. */
const MOST_PROPERTIES = 200;

export type Wants = {
  readonly properties: ReadonlySet<string>;
  readonly headers: ReadonlyMap<string, HeaderProperty>;
  readonly partProperties: ReadonlySet<string>;
  readonly partHeaders: ReadonlyMap<string, HeaderProperty>;
  readonly values: { readonly text: boolean; readonly html: boolean; readonly all: boolean; readonly maxBytes: number };
};

type Given = {
  properties?: string[] | null | undefined;
  bodyProperties?: string[] | null | undefined;
  fetchTextBodyValues?: boolean | null | undefined;
  fetchHTMLBodyValues?: boolean | null | undefined;
  fetchAllBodyValues?: boolean | null | undefined;
  maxBodyValueBytes?: number | null | undefined;
};

/** Throws MethodError `invalidArguments` for a property that there is not, or a form that a field does not have. */
export function wantsOf(given: Given, defaults: readonly string[] = DEFAULT): Wants {
  const asked = given.properties ?? defaults;
  const bodyAsked = given.bodyProperties ?? PART_DEFAULT;
  const known = new Set([...METADATA, ...CONVENIENT.keys(), ...BODY, 'headers']);
  return {
    properties: new Set(asked.filter((name) => known.has(name))),
    headers: headersIn('properties', asked, known),
    partProperties: new Set(bodyAsked.filter((name) => PART.includes(name))),
    partHeaders: headersIn('bodyProperties', bodyAsked, new Set(PART)),
    values: {
      text: given.fetchTextBodyValues === true,
      html: given.fetchHTMLBodyValues === true,
      all: given.fetchAllBodyValues === true,
      maxBytes: given.maxBodyValueBytes ?? 0,
    },
  };
}

function headersIn(argument: string, asked: readonly string[], known: ReadonlySet<string>): Map<string, HeaderProperty> {
  if (asked.length > MOST_PROPERTIES) throw invalidArguments(`${argument}: at most ${MOST_PROPERTIES} properties`);
  const found = new Map<string, HeaderProperty>();
  for (const name of asked) {
    if (known.has(name)) continue;
    const header = parseHeaderProperty(name);
    if (header === undefined) throw invalidArguments(`${argument}: unknown property`);
    found.set(name, header);
  }
  return found;
}

const ROW: ReadonlySet<string> = new Set([...METADATA, ...CONVENIENT.keys(), 'hasAttachment', 'preview']);

/** Whether all that is asked for is what lists show, and nothing of the bodies. */
export function isOfRows({ properties, headers }: Wants): boolean {
  return headers.size === 0 && [...properties].every((name) => ROW.has(name));
}

export function wantsParts({ properties }: Wants): boolean {
  return BODY.some((name) => properties.has(name));
}

/** Whether more than an overview of the body is asked for. */
export function wantsBody({ properties }: Wants): boolean {
  return ['bodyStructure', 'bodyValues', 'textBody', 'htmlBody', 'attachments'].some((name) => properties.has(name));
}
