import { expect, test } from 'vitest';
import { type NodeLike, textOfHtml } from './html-text.ts';

/** What a browser's parser makes of well-formed HTML. */
function parse(html: string): NodeLike {
  type Element = NodeLike & { childNodes: NodeLike[] };
  const element = (nodeName: string, attributes: string): Element => ({
    nodeType: 1, nodeName, nodeValue: null, childNodes: [],
    getAttribute: (name) => new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? null,
  });
  const stack: Element[] = [element('BODY', '')];
  for (const [, close, open, attributes, text] of html.matchAll(/<\/([a-z0-9]+)>|<([a-z0-9]+)([^>]*)>|([^<]+)/gi)) {
    if (close !== undefined) stack.pop();
    else if (text !== undefined) stack.at(-1)?.childNodes.push({ nodeType: 3, nodeName: '#text', nodeValue: text.replaceAll('&nbsp;', '\u{a0}'), childNodes: [] });
    else {
      const made = element((open as string).toUpperCase(), attributes as string);
      stack.at(-1)?.childNodes.push(made);
      if (!/^(?:br|img|hr)$/i.test(open as string)) stack.push(made);
    }
  }
  expect(stack).toHaveLength(1);
  return stack[0] as NodeLike;
}
const text = (html: string): string => textOfHtml(parse(html));

test('paragraphs of ours are lines, of others have a gap', () => {
  expect(text('<p style="margin:0">one</p><p style="margin:0">two</p><p style="margin:0"><br></p><p style="margin:0">three</p>')).toBe('one\ntwo\n\nthree');
  expect(text('<p>one</p><p>two<br>and</p><div>three</div><div>four</div>')).toBe('one\n\ntwo\nand\n\nthree\nfour');
  expect(text('<p style="margin:0"><br></p><p style="margin:0">x</p>')).toBe('\nx');
});

test('white space is that of a page', () => {
  expect(text('<div>  a \n b <b> c</b>&nbsp;&nbsp;d  </div>')).toBe('a b c  d');
  expect(text('<pre>a\n  b</pre>')).toBe('a\n  b');
});

test('lists, quotes, lines, tables', () => {
  expect(text('<p>x</p><ul><li>a</li><li><p>b</p><ol start="3"><li>c</li><li>d</li></ol></li></ul><p>y</p>')).toBe('x\n\n- a\n- b\n  3. c\n  4. d\n\ny');
  expect(text('<blockquote><p>a</p><blockquote>b</blockquote></blockquote>')).toBe('> a\n>\n>> b');
  expect(text('a<hr>b')).toBe('a\n\n-----\n\nb');
  expect(text('<table><tbody><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></tbody></table>')).toBe('a  b\nc  d');
});

test('a link says where it leads, once', () => {
  expect(text('<a href="https://isp.example/x">here</a>, <a href="https://isp.example/">isp.example</a>, <a href="mailto:a@isp.example">a@isp.example</a>')).toBe('here <https://isp.example/x>, isp.example, a@isp.example');
  expect(text('<a href="javascript:x">bad</a>')).toBe('bad');
});

test('a signature has its separator, a picture its words, styles nothing', () => {
  expect(text('<p style="margin:0">x</p><div data-signature="I1"><p style="margin:0">Ada</p></div>')).toBe('x\n-- \nAda');
  expect(text('<img alt="a cat"><img alt=""><style>p{}</style>')).toBe('[a cat]');
});

test('nesting without end costs no stack', () => {
  let node: NodeLike = { nodeType: 3, nodeName: '#text', nodeValue: 'deep', childNodes: [] };
  for (let level = 0; level < 50_000; level += 1) node = { nodeType: 1, nodeName: level % 2 === 0 ? 'DIV' : 'BLOCKQUOTE', nodeValue: null, childNodes: [node] };
  expect(textOfHtml(node).length).toBeLessThan(1_000);
});
