/**
 * Roughly how many characters of JSON a value is; stops counting beyond `most`. Values may share parts, which count each
 * time: what is small in memory can be endless as text.
 */
export function roughSize(value: unknown, most: number): number {
  let size = 0;
  const stack: unknown[] = [value];
  while (stack.length > 0 && size <= most) {
    const next = stack.pop();
    if (typeof next === 'string') size += next.length + 2;
    else if (Array.isArray(next)) {
      size += 2 + next.length;
      for (const item of next) stack.push(item);
    } else if (typeof next === 'object' && next !== null) {
      size += 2;
      for (const [name, item] of Object.entries(next)) {
        size += name.length + 4;
        stack.push(item);
      }
    } else size += 5;
  }
  return size;
}
