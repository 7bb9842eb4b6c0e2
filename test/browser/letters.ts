/**
 * The mail of a household, for scenarios with a person before the screen: letters as people, shops and machines write
 * them. Deterministic, but for their times, which are counted back from now.
 */
import type { SeedMessage } from '../../src/practice/index.ts';

export type Letter = {
  readonly from: string;
  readonly to?: string;
  readonly cc?: string;
  readonly subject: string;
  /** Before now. */
  readonly minutesAgo: number;
  readonly text?: string;
  readonly html?: string;
  readonly flags?: readonly string[];
  /** Of this letter; for those that answer it. */
  readonly id?: string;
  /** The letters before it, the first one first, as mail programs write them. */
  readonly answers?: readonly string[];
  readonly attachments?: readonly { readonly name: string; readonly type: string; readonly bytes: Buffer; readonly cid?: string }[];
  /** More lines of the head, without line ends. */
  readonly head?: readonly string[];
};

export const JANE = { user: 'jane@isp.example', secret: 'jane has a secret' };
export const JOHN = { user: 'john@isp.example', secret: 'john has another' };

const HOUR = 60;
const DAY = 24 * HOUR;

/** A picture of 8 by 8 pixels, as an attachment. */
export const PICTURE = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAFElEQVR4nGP4z8CAFWEXHbQSACj/P8Fu7N9hAAAAAElFTkSuQmCC', 'base64');

export const INBOX: readonly Letter[] = [
  { from: '"Marta Okafor" <marta@riverside-choir.example>', subject: 'Saturday’s rehearsal moves to the library', minutesAgo: 14, text: 'Dear all,\n\nthe hall has no heating until Monday, so we meet in the library at half past four. Bring the blue folders, please, and a scarf in case.\n\nThe order is unchanged: Byrd first, then the two spirituals, then cake.\n\nMarta' },
  { from: '"John Hale" <john@isp.example>', subject: 'Re: The allotment, and who waters it', minutesAgo: 47, id: 'plot-3@isp.example', answers: ['plot-1@isp.example', 'plot-2@isp.example'], text: 'I can do Tuesdays and every second Sunday. The key hangs where it always hung.\n\n> Could you take some of the days in August?\n> We are away from the 3rd to the 17th.\n\nJohn' },
  { from: '"City Library" <notices@library.example>', subject: 'Two books are due on Friday', minutesAgo: 2 * HOUR, text: 'Hello Jane,\n\nplease bring back or renew:\n\n  The Summer Book (Tove Jansson)\n  A Field Guide to Tides\n\nRenew at https://library.example/renew', flags: ['\\Seen'] },
  {
    from: '"Harbour Rail" <tickets@harbour-rail.example>',
    subject: 'Your ticket for 12 December',
    minutesAgo: 5 * HOUR,
    html: '<div style="max-width:560px;font-family:Georgia,serif"><h2 style="color:#0b5563">Have a good journey, Jane</h2><p>Coach 4, seat 32, by the window.</p><table cellpadding="6"><tr><td>08:12</td><td>Harbour Street</td></tr><tr><td>10:47</td><td>North Pier</td></tr></table><p><img src="https://pixel.harbour-rail.example/open.gif" width="1" height="1" alt=""><img src="https://img.harbour-rail.example/map.png" alt="Map of the line" width="480"></p></div>',
    attachments: [{ name: 'ticket-4-32.pdf', type: 'application/pdf', bytes: Buffer.from('%PDF-1.4\n%a ticket\n') }],
  },
  { from: '"Ines Calder" <ines@calder.example>', cc: '"Tom Calder" <tom@calder.example>', subject: 'Photos of the little one', minutesAgo: 9 * HOUR, text: 'She walks! Three steps, then the cat was in the way. More at the weekend.', attachments: [{ name: 'first-steps.png', type: 'image/png', bytes: PICTURE }, { name: 'and the cat.png', type: 'image/png', bytes: PICTURE }], flags: ['\\Flagged', '\\Seen'] },
  { from: '"Dr. Amsel’s practice" <desk@amsel.example>', subject: 'Your appointment on Thursday at 9:20', minutesAgo: DAY + 30, text: 'Please come ten minutes earlier and bring your card.\n\nIf you cannot come, call us until Wednesday noon.', flags: ['\\Seen'] },
  { from: '"John Hale" <john@isp.example>', subject: 'The allotment, and who waters it', minutesAgo: DAY + 5 * HOUR, id: 'plot-1@isp.example', text: 'Jane, the beans are up. Shall we make a plan for August before the whole street is away?\n\nJohn', flags: ['\\Seen'] },
  {
    from: '"The Tide Table" <letter@tidetable.example>',
    subject: 'The week in eleven small stories',
    minutesAgo: DAY + 9 * HOUR,
    html: '<h1>The Tide Table</h1><p>A lighthouse gets a new keeper, a bakery an old recipe, and <a href="https://tidetable.example/42">a bridge its name back</a>.</p><ul><li>What the dredger found</li><li>Seven ways to fold a chart</li><li>Letters</li></ul><p style="color:#777;font-size:12px">You get this because you asked for it.</p>',
    head: ['List-Id: The Tide Table <letter.tidetable.example>', 'List-Unsubscribe: <https://tidetable.example/off?u=42>, <mailto:off@tidetable.example>'],
    flags: ['\\Seen'],
  },
  { from: '"Electric Cooperative" <bills@coop-power.example>', subject: 'Your November bill: 38.20', minutesAgo: 3 * DAY, text: 'It will be collected on the 30th. You need not do anything.', attachments: [{ name: 'bill-2026-11.pdf', type: 'application/pdf', bytes: Buffer.from('%PDF-1.4\n%a bill\n') }], flags: ['\\Seen'] },
  { from: '"Rosa Lindqvist" <rosa@lindqvist.example>', subject: 'Grüße aus Malmö – und das Rezept', minutesAgo: 4 * DAY, text: 'Liebe Jane,\n\nhier ist es endlich: 300 g Roggen, 200 g Weizen, eine Prise Geduld.\n\nHerzlich\nRosa', flags: ['\\Seen', '\\Answered'] },
  { from: '"מרים לוי" <miriam@levi.example>', subject: 'תמונות מהטיול', minutesAgo: 6 * DAY, text: 'שלום ג׳יין,\n\nהנה התמונות שהבטחתי. נתראה בקרוב!\n\nמרים', flags: ['\\Seen'] },
  { from: '"Neighbourhood list" <list@elm-street.example>', subject: '[elm-street] Lost: one grey cat, answers to nothing', minutesAgo: 8 * DAY, text: 'Last seen on the wall of number 14, looking pleased.', head: ['List-Id: <list.elm-street.example>'], flags: ['\\Seen'] },
  ...Array.from({ length: 60 }, (_, n): Letter => ({ from: `"Weather station ${1 + (n % 5)}" <station${1 + (n % 5)}@weather.example>`, subject: `Readings of day ${60 - n}`, minutesAgo: (9 + n) * DAY, text: `Temperature ${(n * 7) % 19} °C, wind ${n % 9} Bft, pressure ${990 + (n % 40)} hPa.`, flags: ['\\Seen'] })),
];

export const SENT: readonly Letter[] = [
  { from: '"Jane Marlow" <jane@isp.example>', to: '"John Hale" <john@isp.example>', subject: 'Re: The allotment, and who waters it', minutesAgo: 22 * HOUR, id: 'plot-2@isp.example', answers: ['plot-1@isp.example'], text: 'Could you take some of the days in August?\nWe are away from the 3rd to the 17th.\n\nJane', flags: ['\\Seen'] },
];

/** A letter as bytes on the wire. */
export function write(letter: Letter, now: number, to: string): SeedMessage {
  const { from, subject, minutesAgo, text, html, attachments = [], flags, head = [] } = letter;
  const at = now - minutesAgo * 60_000;
  const id = letter.id ?? `${Buffer.from(subject).toString('hex').slice(0, 24)}.${minutesAgo}@letters.example`;
  const part = (type: string, body: string): string => `Content-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${lines(Buffer.from(body))}`;
  const bodies = [...(text === undefined ? [] : [part('text/plain', text)]), ...(html === undefined ? [] : [part('text/html', html)])];
  const main = bodies.length === 1 ? bodies[0]! : multipart('alternative', bodies);
  const files = attachments.map(({ name, type, bytes, cid }) => `Content-Type: ${type}; name="${name}"\r\nContent-Disposition: ${cid === undefined ? 'attachment' : 'inline'}; filename="${name}"\r\n${cid === undefined ? '' : `Content-ID: <${cid}>\r\n`}Content-Transfer-Encoding: base64\r\n\r\n${lines(bytes)}`);
  const whole = files.length === 0 ? main : multipart('mixed', [main, ...files]);
  const fields = [
    `From: ${words(from)}`,
    `To: ${words(letter.to ?? to)}`,
    ...(letter.cc === undefined ? [] : [`Cc: ${words(letter.cc)}`]),
    `Subject: ${words(subject)}`,
    `Date: ${new Date(at).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${id}>`,
    ...(letter.answers === undefined ? [] : [`In-Reply-To: <${letter.answers.at(-1)}>`, `References: ${letter.answers.map((each) => `<${each}>`).join(' ')}`]),
    ...head,
    'MIME-Version: 1.0',
  ];
  return { bytes: Buffer.from(`${fields.join('\r\n')}\r\n${whole}\r\n`), internalDateMs: at, ...(flags === undefined ? {} : { flags: [...flags] }) };
}

function lines(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll(/.{76}/g, '$&\r\n');
}

let boundaries = 0;

function multipart(kind: string, parts: readonly string[]): string {
  boundaries += 1;
  const boundary = `=_part${boundaries}`;
  return `Content-Type: multipart/${kind}; boundary="${boundary}"\r\n\r\n${parts.map((each) => `--${boundary}\r\n${each}\r\n`).join('')}--${boundary}--`;
}

/** What is not ASCII as an encoded word (RFC 2047), in an address only its name. */
function words(field: string): string {
  return field.replaceAll(/"([^"]*)"|^[^<>"]*$/g, (all, name: string | undefined) => (/^[\x20-\x7e]*$/.test(all) ? all : `=?utf-8?b?${Buffer.from(name ?? all).toString('base64')}?=`));
}
