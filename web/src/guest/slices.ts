/** The first look at the size of a file on disk costs up to half a millisecond, so thousands are never read in one task. */
const MOST = 50;
const BUDGET_MS = 12;

export interface Tasks {
  now: () => number;
  nextTask: () => Promise<void>;
}

export const pageTasks: Tasks = {
  now: () => performance.now(),
  nextTask: () => new Promise((resolve) => setTimeout(resolve)),
};

/** Calls `take` with slices of at most fifty, each in a task of its own; `measure` is the costly look at one item. */
export async function inSlices<Item, Measured>(
  items: Item[],
  measure: (item: Item) => Measured,
  take: (slice: Measured[]) => void,
  { now, nextTask }: Tasks,
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

/** Hands on what comes, in its order: at once, but never more than a slice in one task. */
export class Backlog<Item> {
  private waiting: Item[] = [];
  private isBusy = false;

  constructor(
    private readonly take: (slice: Item[]) => void,
    private readonly tasks: Pick<Tasks, "nextTask">,
  ) {}

  add(items: Item[]): void {
    this.waiting = this.waiting.concat(items);
    if (!this.isBusy) void this.run();
  }

  private async run(): Promise<void> {
    this.isBusy = true;
    while (this.waiting.length > 0) {
      this.take(this.waiting.splice(0, MOST));
      if (this.waiting.length > 0) await this.tasks.nextTask();
    }
    this.isBusy = false;
  }
}
