/** Where there is a choice, so many of the first line enter for one of the second. */
const OF_THE_FIRST = 3;

type Line = "first" | "second";

/**
 * Lets at most `width` tasks run at once; the others wait in order of arrival. Those of the second line wait behind those
 * of the first, but are never left out for long.
 */
export class Gate {
  private running = 0;
  private readonly waiting: Record<Line, (() => void)[]> = { first: [], second: [] };
  /** Of the first line, since one of the second had to wait. */
  private entered = 0;

  constructor(private width: number) {}

  /** Whether a task would run at once. */
  get hasRoom(): boolean {
    return this.running < this.width;
  }

  async run<T>(task: () => Promise<T>, line: Line = "first"): Promise<T> {
    if (this.hasRoom) this.running += 1;
    else await new Promise<void>((resolve) => this.waiting[line].push(resolve));
    try {
      return await task();
    } finally {
      this.running -= 1;
      this.admit();
    }
  }

  /** From now on; what runs already runs on. */
  resize(width: number): void {
    this.width = width;
    this.admit();
  }

  private admit(): void {
    while (this.hasRoom) {
      const next = this.next();
      if (next === undefined) return;
      this.running += 1;
      next();
    }
  }

  private next(): (() => void) | undefined {
    const { first, second } = this.waiting;
    if (second.length === 0 || (first.length > 0 && this.entered < OF_THE_FIRST)) {
      if (second.length > 0) this.entered += 1;
      return first.shift();
    }
    this.entered = 0;
    return second.shift();
  }
}
