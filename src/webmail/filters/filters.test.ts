import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Part, partSchema, type Rule, type Vacation } from './api.ts';
import { compile, quote, type Surroundings } from './compile.ts';
import { tokensOf } from './lexer.ts';
import { readScript, writeScript } from './script.ts';

const ALL = 'fileinto reject envelope vacation imap4flags copy date relational mailbox';
const around = (extensions = ALL): Surroundings => ({ extensions: new Set(extensions.split(' ')), own: ['jane@example.net', 'jd@example.net'], mailboxName: (levels) => levels.join('/') });
const rule = (over: Partial<Rule>): Rule => ({ name: 'a rule', enabled: true, match: 'all', conditions: [], actions: [{ kind: 'stop' }], ...over });
const away = (over: Partial<Vacation> = {}): Vacation => ({ isEnabled: true, fromDate: null, toDate: null, subject: null, textBody: 'Away.', htmlBody: null, ...over });
const part = (over: Partial<Part>): Part => ({ rules: [], vacation: null, ...over });

const hostile = fc.string({ unit: fc.constantFrom('a', ' ', '"', '\\', ';', '}', '{', '#', '/*', '*/', 'text:', '.', 'redirect "evil@example.net";', 'ü', '🙂', '--- causeway: end ---', ','), minLength: 1, maxLength: 40 }).map((text) => `x${text.slice(0, 90).toWellFormed()}x`);
const severalLines = fc.array(fc.oneof(hostile, fc.constantFrom('.', '# --- causeway commands 0123456789abcdef: end ---', '# --- causeway 0123456789abcdef: end ---', '')), { minLength: 1, maxLength: 6 }).map((all) => all.join('\n'));
const someCondition = fc.oneof(
  fc.record({ field: fc.constantFrom('from' as const, 'to' as const, 'subject' as const, 'list' as const), test: fc.constantFrom('contains' as const, 'is' as const, 'not-contains' as const), value: hostile }),
  fc.record({ field: fc.constant('size' as const), test: fc.constantFrom('over' as const, 'under' as const), bytes: fc.integer({ min: 1, max: 1e9 }) }),
);
const keeping = fc.oneof(
  fc.record({ kind: fc.constantFrom('move' as const, 'copy' as const), mailbox: fc.array(hostile, { minLength: 1, maxLength: 3 }) }),
  fc.record({ kind: fc.constantFrom('flag' as const, 'read' as const, 'stop' as const) }),
  fc.record({ kind: fc.constant('forward' as const), to: fc.constant('friend@example.org'), keepCopy: fc.boolean() }),
);
const refusing = fc.oneof(fc.record({ kind: fc.constant('reject' as const), message: severalLines.filter((text) => text !== '') }), fc.record({ kind: fc.constant('discard' as const) }));
const someRule = fc.record({ name: hostile, enabled: fc.boolean(), match: fc.constantFrom('all' as const, 'any' as const), conditions: fc.array(someCondition, { maxLength: 3 }), actions: fc.oneof(fc.array(keeping, { minLength: 1, maxLength: 4 }), fc.array(refusing, { minLength: 1, maxLength: 1 })) });
const moment = fc.integer({ min: 1.6e12, max: 2e12 }).map((ms) => `${new Date(ms).toISOString().slice(0, 19)}Z`);
const someVacation = fc.record({ isEnabled: fc.boolean(), fromDate: fc.option(moment), toDate: fc.option(moment), subject: fc.option(hostile), textBody: fc.option(severalLines), htmlBody: fc.option(severalLines) });
const somePart = fc.record({ rules: fc.array(someRule, { maxLength: 4 }), vacation: fc.option(someVacation) });
/** Scripts of other programs, in their ways of writing. */
const others = fc.constantFrom('', 'keep;', 'require "fileinto";\r\nfileinto "Old";\r\n', 'require ["fileinto", "copy"]; require "body"; if true { keep; } # end', '# Roundcube\n/* require "x"; */ require "envelope";\n\n# rule:[a]\nif header :contains "Subject" "require \\"x\\";" { discard; }\n', 'redirect text:\nx@example.net\n..\n.\n;');

const COMMANDS = new Set(['require', 'if', 'true', 'allof', 'anyof', 'not', 'header', 'address', 'size', 'currentdate', 'fileinto', 'keep', 'addflag', 'redirect', 'reject', 'discard', 'stop', 'vacation']);

test('nothing that is written becomes a command: strings are strings, and only forwards redirect', () => {
  fc.assert(
    fc.property(somePart, (given) => {
      const wanted = partSchema.parse(given);
      const { commands } = compile(wanted, around());
      const tokens = tokensOf(commands)!;
      expect(tokens).toBeDefined();
      expect(tokens.filter(({ kind, text }) => kind === 'identifier' && !COMMANDS.has(text))).toEqual([]);
      const enabled = wanted.rules.filter((each) => each.enabled);
      const count = (name: string): number => tokens.filter(({ kind, text }) => kind === 'identifier' && text === name).length;
      expect(count('redirect')).toBe(enabled.flatMap(({ actions }) => actions).filter(({ kind }) => kind === 'forward').length);
      expect(count('vacation')).toBe(wanted.vacation?.isEnabled === true ? 1 : 0);
      const strings = new Set(tokens.filter(({ kind }) => kind === 'string').map(({ text }) => text));
      for (const { conditions } of enabled) for (const each of conditions) if (each.field !== 'size') expect(strings.has(each.value)).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('our part comes back as it was put in, and what others wrote is kept to the byte, also when the ends of lines change', () => {
  fc.assert(
    fc.property(somePart, others, fc.boolean(), (given, theirs, crlf) => {
      const wanted = partSchema.parse(given);
      const script = writeScript(theirs, wanted, compile(wanted, around()));
      expect(tokensOf(script)).toBeDefined();
      expect(readScript(script)).toEqual({ part: wanted, others: theirs, edited: false });
      // Once more over itself, and away again.
      const again = readScript(script);
      expect(writeScript(again.others, part({}), compile(part({}), around()))).toBe(theirs);
      if (crlf && (wanted.rules.length > 0 || wanted.vacation !== null)) {
        const read = readScript(script.replaceAll(/\r?\n/g, '\r\n'));
        expect([read.part, read.edited]).toEqual([wanted, false]);
      }
    }),
    { numRuns: 200 },
  );
});

test('requires come first, ours and theirs', () => {
  const wanted = part({ rules: [rule({ actions: [{ kind: 'move', mailbox: ['Lists', 'Choir'] }] })] });
  const script = writeScript('require "body";\r\nkeep;\r\n', wanted, compile(wanted, around()));
  const commands = tokensOf(script)!.filter(({ kind }) => kind === 'identifier').map(({ text }) => text);
  expect(commands).toEqual(['require', 'require', 'if', 'true', 'fileinto', 'keep']);
});

test('a change by another program is seen', () => {
  const wanted = part({ rules: [rule({ conditions: [{ field: 'from', test: 'contains', value: 'x' }] })] });
  const script = writeScript('keep;', wanted, compile(wanted, around()));
  for (const changed of [script.replace('"x"', '"y"'), script.replace('stop;', ''), script.replace('#= {', '#= {"a":1,'), script.replace(/\n# --- causeway: commands[\s\S]*commands [0-9a-f]+: end ---\n/, '')]) {
    expect(readScript(changed), changed).toMatchObject({ edited: true, others: 'keep;' });
  }
});

test('what a rule is in Sieve', () => {
  const of = (over: Partial<Rule>, extensions?: string): string => compile(part({ rules: [rule(over)] }), around(extensions)).commands.split('\n').slice(1).join('\n');
  expect(of({ match: 'any', conditions: [{ field: 'from', test: 'is', value: 'a@b.c' }, { field: 'to', test: 'not-contains', value: 'say "hi"' }, { field: 'size', test: 'over', bytes: 1_000 }], actions: [{ kind: 'move', mailbox: ['A', 'B'] }, { kind: 'read' }] })).toBe(
    'if anyof (address :is ["from"] "a@b.c", not header :contains ["to", "cc"] "say \\"hi\\"", size :over 1000) {\n  addflag "\\\\Seen";\n  fileinto :create "A/B";\n}\n',
  );
  expect(of({ actions: [{ kind: 'copy', mailbox: ['A'] }] }, 'fileinto')).toContain('  fileinto "A";\n  keep;\n');
  const forward = of({ actions: [{ kind: 'forward', to: 'jane@elsewhere.example', keepCopy: true }] });
  expect(forward).toContain('{ redirect :copy "jane@elsewhere.example"; }');
  expect(forward).toMatch(/if not anyof \(header :contains \["X-Sieve-Redirected-From", [^\]]*\] \["jane@example.net", "jd@example.net", "jane@elsewhere.example"\], address :is \["from"\] "jane@elsewhere.example"\)/);
  expect(() => of({ actions: [{ kind: 'forward', to: 'JD@example.net', keepCopy: true }] })).toThrow(expect.objectContaining({ code: 'input' }));
  expect(() => of({ actions: [{ kind: 'flag' }] }, 'fileinto')).toThrow(expect.objectContaining({ code: 'input' }));
  expect(partSchema.safeParse(part({ rules: [rule({ actions: [{ kind: 'reject', message: 'no' }, { kind: 'move', mailbox: ['A'] }] })] })).success).toBe(false);
});

test('the absence reply: from a moment to a moment, not to whom a rule refuses, with text and HTML', () => {
  const { commands, requires } = compile(part({ vacation: away({ fromDate: '2026-12-24T10:00:00Z', subject: 'Away "now"' }), rules: [rule({ conditions: [{ field: 'subject', test: 'contains', value: 'spam' }], actions: [{ kind: 'discard' }] })] }), around());
  expect(requires).toEqual(['date', 'relational', 'vacation']);
  expect(commands).toContain('if allof (anyof (currentdate :zone "+0000" :value "gt" "date" "2026-12-24", allof (currentdate :zone "+0000" :is "date" "2026-12-24", currentdate :zone "+0000" :value "ge" "time" "10:00:00")), not anyof (header :contains ["subject"] "spam")) {');
  expect(commands).toContain('vacation :days 7 :addresses ["jane@example.net", "jd@example.net"] :subject "Away \\"now\\"" "Away.";');
  expect(compile(part({ vacation: away({ htmlBody: '<p>Away</p>' }) }), around()).commands).toContain(`:mime "Content-Type: multipart/alternative; boundary=\\"=causeway\\"\r\n`);
  expect(() => writeScript('require "vacation"; vacation "mine";', part({ vacation: away() }), { requires: [], commands: '' })).toThrow(expect.objectContaining({ code: 'conflict' }));
  expect(() => writeScript('"open', part({ vacation: away() }), { requires: [], commands: '' })).toThrow(expect.objectContaining({ code: 'conflict' }));
});

test('a lexer reads back what was quoted, and any text in little time', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '')), (text) => void expect(tokensOf(`${quote(text)};`)?.[0]).toMatchObject({ kind: 'string', text })));
  for (const long of ['"'.repeat(99_999), '\\"'.repeat(99_999), '/*'.repeat(99_999), ' #'.repeat(99_999), 'text:\n'.repeat(20_000), 'require "a";'.repeat(5_000)]) readScript(writeIfRead(long));
  expect(tokensOf('keep; "')).toBeUndefined();
});

function writeIfRead(script: string): string {
  return tokensOf(script) === undefined ? script : writeScript(script, part({ rules: [rule({})] }), { requires: [], commands: 'stop;\n' });
}
