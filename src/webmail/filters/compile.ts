/**
 * Rules and the absence reply as Sieve (RFC 5228, with 3894, 5229's neighbours 5230, 5232, 5260, 5429, 5490).
 *
 * Invariants: whatever a customer writes is within a quoted string, in which only `"` and `\` mean something. A forward
 * guards against loops: what was forwarded before, from here or from there, is kept instead. Nobody who is refused gets
 * an absence reply: the two exclude each other (RFC 5429 section 2.1).
 */
import { CausewayError } from '#errors/index.ts';
import type { Able, Action, Condition, Part, Rule, Vacation } from './api.ts';

export type Compiled = { readonly requires: readonly string[]; readonly commands: string };

export type Surroundings = {
  /** In lower case, as the server announces them. */
  readonly extensions: ReadonlySet<string>;
  /** The account's own addresses. */
  readonly own: readonly string[];
  /** A mailbox's name at the platform, by its levels. */
  readonly mailboxName: (levels: readonly string[]) => string;
};

/** One reply a week to each (RFC 5230 section 4.1's default). */
const REPLY_DAYS = 7;
/** What forwarders leave in what they forward: Pigeonhole, Postfix and others by hand, Gmail. */
const FORWARDED = ['X-Sieve-Redirected-From', 'X-Loop', 'X-Forwarded-For', 'X-Forwarded-To'];

export function ableOf(extensions: ReadonlySet<string>): Able {
  return { move: extensions.has('fileinto'), flag: extensions.has('imap4flags'), reject: extensions.has('reject'), vacation: extensions.has('vacation'), dates: extensions.has('date') && extensions.has('relational') };
}

export function compile({ rules, vacation }: Part, around: Surroundings): Compiled {
  const requires = new Set<string>();
  const need = (extension: string): void => {
    if (!around.extensions.has(extension)) throw new CausewayError('input', `the platform's Sieve has no ${extension}`, { customerText: 'Your mail platform cannot do that with incoming mail.' });
    requires.add(extension);
  };
  const enabled = rules.filter((rule) => rule.enabled);
  const commands = [...(vacation?.isEnabled === true ? [vacationCommand(vacation, enabled, around.own, need)] : []), ...enabled.map((rule) => ruleCommand(rule, around, need))];
  return { requires: [...requires].sort(), commands: commands.join('') };
}

/** RFC 5228 section 2.4.2. */
export function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&').replaceAll('\0', '')}"`;
}

const quoteList = (all: readonly string[]): string => `[${all.map(quote).join(', ')}]`;

type Need = (extension: string) => void;

function ruleCommand(rule: Rule, around: Surroundings, need: Need): string {
  // Flags are set on what is filed after them.
  const order: readonly Action['kind'][] = ['flag', 'read', 'copy', 'forward', 'move', 'reject', 'discard', 'stop'];
  const actions = rule.actions.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind)).flatMap((action) => actionCommands(action, around, need));
  return `# ${rule.name}\nif ${testOf(rule)} {\n${actions.map((each) => `  ${each}\n`).join('')}}\n`;
}

function testOf({ match, conditions }: Rule): string {
  if (conditions.length === 0) return 'true';
  const tests = conditions.map(conditionTest);
  return tests.length === 1 ? tests[0]! : `${match === 'all' ? 'allof' : 'anyof'} (${tests.join(', ')})`;
}

const HEADERS: Readonly<Record<'from' | 'to' | 'subject' | 'list', readonly string[]>> = { from: ['from'], to: ['to', 'cc'], subject: ['subject'], list: ['list-id'] };

function conditionTest(condition: Condition): string {
  if (condition.field === 'size') return `size :${condition.test} ${condition.bytes}`;
  const { field, test, value } = condition;
  const headers = quoteList(HEADERS[field]);
  if (test === 'is' && (field === 'from' || field === 'to')) return `address :is ${headers} ${quote(value)}`;
  return `${test === 'not-contains' ? 'not ' : ''}header :${test === 'is' ? 'is' : 'contains'} ${headers} ${quote(value)}`;
}

function actionCommands(action: Action, { extensions, own, mailboxName }: Surroundings, need: Need): string[] {
  const copies = (): string => {
    need('copy');
    return ':copy ';
  };
  switch (action.kind) {
    case 'move':
    case 'copy': {
      need('fileinto');
      const name = quote(mailboxName(action.mailbox));
      const create = extensions.has('mailbox') ? ':create ' : '';
      if (create !== '') need('mailbox');
      if (action.kind === 'move') return [`fileinto ${create}${name};`];
      return extensions.has('copy') ? [`fileinto ${copies()}${create}${name};`] : [`fileinto ${create}${name};`, 'keep;'];
    }
    case 'flag':
    case 'read':
      need('imap4flags');
      return [`addflag ${quote(action.kind === 'flag' ? '\\Flagged' : '\\Seen')};`];
    case 'forward': {
      if (own.some((address) => address.toLowerCase() === action.to.toLowerCase())) throw new CausewayError('input', 'a forward to oneself', { customerText: 'Mail cannot be forwarded to your own address.' });
      const loop = `anyof (header :contains ${quoteList(FORWARDED)} ${quoteList([...own, action.to])}, address :is ["from"] ${quote(action.to)})`;
      const redirect = action.keepCopy && extensions.has('copy') ? `redirect ${copies()}${quote(action.to)};` : `redirect ${quote(action.to)};${action.keepCopy ? ' keep;' : ''}`;
      return [`if not ${loop} { ${redirect} }`];
    }
    case 'reject':
      need('reject');
      return [`reject ${quote(action.message)};`, 'stop;'];
    case 'discard':
      return ['discard;', 'stop;'];
    case 'stop':
      return ['stop;'];
  }
}

function vacationCommand({ fromDate, toDate, subject, textBody, htmlBody }: Vacation, rules: readonly Rule[], own: readonly string[], need: Need): string {
  need('vacation');
  const moments = [fromDate === null ? undefined : moment('ge', fromDate), toDate === null ? undefined : moment('lt', toDate)].filter((each) => each !== undefined);
  if (moments.length > 0) for (const extension of ['date', 'relational']) need(extension);
  const refusing = rules.filter(({ actions }) => actions.some(({ kind }) => kind === 'reject' || kind === 'discard'));
  const tests = [...moments, ...(refusing.length === 0 ? [] : [`not anyof (${refusing.map(testOf).join(', ')})`])];
  const tags = [`:days ${REPLY_DAYS}`, `:addresses ${quoteList(own)}`, ...(subject === null || subject.trim() === '' ? [] : [`:subject ${quote(subject)}`])];
  const reply = htmlBody === null || htmlBody.trim() === '' ? quote(textBody ?? '') : `:mime ${quote(alternatives(textBody ?? '', htmlBody))}`;
  const command = `vacation ${tags.join(' ')} ${reply};\n`;
  return tests.length === 0 ? command : `if allof (${tests.join(', ')}) {\n  ${command}}\n`;
}

/** RFC 5260 section 4.1; strings of fixed length compare as the moments do. */
function moment(relation: 'ge' | 'lt', date: string): string {
  const [day = '', time = ''] = new Date(date).toISOString().slice(0, 19).split('T');
  const part = (what: 'date' | 'time', how: string, value: string): string => `currentdate :zone "+0000" ${how} "${what}" "${value}"`;
  return `anyof (${part('date', `:value "${relation === 'ge' ? 'gt' : 'lt'}"`, day)}, allof (${part('date', ':is', day)}, ${part('time', `:value "${relation}"`, time)}))`;
}

/** A MIME entity (RFC 5230 section 4.6), in base64, so that nothing in the texts is a boundary. */
function alternatives(text: string, html: string): string {
  const plain = text.trim() === '' ? html.replaceAll(/<br\s*\/?>|<\/(?:p|div|li)>/gi, '\n').replaceAll(/<[^>]*>/g, '') : text;
  const part = (type: string, body: string): string => `--=causeway\r\nContent-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(body).toString('base64').replaceAll(/.{76}/g, '$&\r\n')}\r\n`;
  return `Content-Type: multipart/alternative; boundary="=causeway"\r\n\r\n${part('text/plain', plain)}${part('text/html', html)}--=causeway--\r\n`;
}
