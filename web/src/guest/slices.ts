/** The first look at the size of a file on disk costs up to half a millisecond, so thousands are never read in one task. */
const MOST = 50;
const BUDGET_MS = 12;

/** Calls `take` with slices of at most fifty, each in a task of its own; `measure` is the costly look at one item. */
export async function inSlices<Item, Measured>(
  items: Item[],
  measure: (item: Item) => Measured,
  take: (slice: Measured[]) => void,
  { now, nextTask }: { now: () => number; nextTask: () => Promise<void> },
): Promise<void> {
  for (let start = 0; start < items.length;) {
    const deadline = now() + BUDGET_MS;
    const slice: Measured[] = [];
    for (const item of items.slice(start, start + MOST)) {
      slice.push(measure(item));
      if (now() >= deadline) break;
    }
    start += slice.length;
    take(slice);
    if (start < items.length) await nextTask();
  }
}
