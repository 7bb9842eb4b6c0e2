import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import { parseCommand, tagOf } from './command.ts';
import { textOf } from './tokens.ts';

const line = (text: string): Buffer[] => [Buffer.from(text, 'latin1')];

describe('commands', () => {
  it('have a tag, a name in upper case, and arguments', () => {
    const { args, ...head } = parseCommand([Buffer.from('A1 login '), { literal: Buffer.from('al ice') }, Buffer.from(' "p w"')]);
    expect(head).toEqual({ tag: 'A1', name: 'LOGIN' });
    expect(args.map(textOf)).toEqual(['al ice', 'p w']);
    expect(parseCommand(line('x.7 noop'))).toEqual({ tag: 'x.7', name: 'NOOP', args: [] });
  });

  it('with UID are named by both words', () => {
    const { name, args } = parseCommand(line('3 uid fetch 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (DATE)])'));
    expect(name).toBe('UID FETCH');
    expect(args).toHaveLength(2);
    expect(args[1]).toEqual({
      kind: 'list',
      items: [{ kind: 'atom', text: 'FLAGS' }, { kind: 'atom', text: 'BODY.PEEK[HEADER.FIELDS (DATE)]' }],
    });
  });

  it('carry an initial response, the empty one too', () => {
    expect(parseCommand(line('a AUTHENTICATE PLAIN AGEAYg==')).args.map(textOf)).toEqual(['PLAIN', 'AGEAYg==']);
    expect(parseCommand(line('a AUTHENTICATE PLAIN =')).args.map(textOf)).toEqual(['PLAIN', '=']);
  });

  it('are refused when they are none', () => {
    for (const text of ['', ' ', 'a', 'a ', '* OK', '+ x', 'a+b NOOP', 'a (NOOP)', 'a "NOOP"', 'a UID', 'a UID (x)', 'a NOOP\0', 'a X\rb NOOP', 'GET / (', `${'t'.repeat(300)} NOOP`]) {
      expect(() => parseCommand(line(text)), text).toThrow(CausewayError);
    }
    expect(() => parseCommand([])).toThrow(CausewayError);
    expect(() => parseCommand([{ literal: Buffer.from('a NOOP') }])).toThrow(CausewayError);
  });

  it('leave their tag for the answer BAD', () => {
    expect([tagOf(line('a1 LOGIN (')), tagOf(line('"x" y')), tagOf(line('')), tagOf([])]).toEqual(['a1', undefined, undefined, undefined]);
  });

  it('are found, or a CausewayError, in any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        for (const start of ['', 'a ', 'a UID ']) {
          try {
            parseCommand([Buffer.concat([Buffer.from(start), bytes])]);
          } catch (error) {
            expect(error).toBeInstanceOf(CausewayError);
          }
        }
      }),
    );
  });
});
