/** PostgreSQL's JSON says null for what is not there; the evidence leaves it out, at every depth. */
export function without<T>(value: T): T {
  if (Array.isArray(value)) return value.map(without) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null).map(([key, member]) => [key, without(member)])) as T;
}
