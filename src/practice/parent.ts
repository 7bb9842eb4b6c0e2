/** A child process that must not outlive its parent: its standard input, held open by the parent, ends with it. */
export function exitWithParent(): void {
  process.stdin.resume();
  process.stdin.on('end', () => process.exit(0));
  process.stdin.on('error', () => process.exit(0));
}
