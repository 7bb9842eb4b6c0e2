/** Unbroken runs of known values. */
export function runsOf(values: readonly (number | null)[]): { readonly from: number; readonly run: readonly number[] }[] {
  const runs: { from: number; run: number[] }[] = [];
  values.forEach((value, at) => {
    if (value === null) return;
    if (at > 0 && values[at - 1] !== null) runs.at(-1)!.run.push(value);
    else runs.push({ from: at, run: [value] });
  });
  return runs;
}
