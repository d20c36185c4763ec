/** What a guest's touch may have to wait for, with room for the item that is begun last and for what ends a slice. */
const BUDGET_MS = 20;
/** The first look at the size of a file on disk costs up to half a millisecond: so many at most, whatever a clock says. */
const MOST = 50;

export interface Tasks {
  now: () => number;
  nextTask: () => Promise<void>;
}

export const pageTasks: Tasks = {
  now: () => performance.now(),
  nextTask: () => new Promise((resolve) => setTimeout(resolve)),
};

/**
 * Does `work` on each item in turn, and goes on in another task whenever the time of one is used up: a slow device gets
 * smaller slices. `endSlice` is called at the end of each.
 */
export async function inSlices<Item>(
  items: Item[],
  work: (item: Item) => void,
  endSlice: () => void,
  { now, nextTask }: Tasks,
): Promise<void> {
  if (items.length === 0) return;
  let [deadline, left] = [now() + BUDGET_MS, MOST];
  for (const item of items) {
    if (left === 0 || now() >= deadline) {
      endSlice();
      await nextTask();
      [deadline, left] = [now() + BUDGET_MS, MOST];
    }
    work(item);
    left -= 1;
  }
  endSlice();
}

/** Works on what comes, in its order: at once, but never for longer than a slice in one task. */
export class Backlog<Item> {
  private waiting: Item[] = [];
  private isBusy = false;

  constructor(
    private readonly work: (item: Item) => void,
    private readonly endSlice: () => void,
    private readonly tasks: Tasks,
  ) {}

  add(items: Item[]): void {
    this.waiting = this.waiting.concat(items);
    if (!this.isBusy) void this.run();
  }

  private async run(): Promise<void> {
    this.isBusy = true;
    while (this.waiting.length > 0) {
      const items = this.waiting;
      this.waiting = [];
      await inSlices(items, this.work, this.endSlice, this.tasks);
      if (this.waiting.length > 0) await this.tasks.nextTask();
    }
    this.isBusy = false;
  }
}
