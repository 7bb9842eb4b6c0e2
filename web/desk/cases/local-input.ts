/** A moment as `<input type="datetime-local">` takes it: of this browser's zone, to the minute. */
export function localInput(at: number): string {
  return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
