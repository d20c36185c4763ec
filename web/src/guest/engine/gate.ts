/** Lets at most `width` tasks run at once; the others wait in order of arrival. */
export class Gate {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private width: number) {}

  /** Whether a task would run at once. */
  get hasRoom(): boolean {
    return this.running < this.width;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.hasRoom) this.running += 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
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
      const next = this.waiting.shift();
      if (next === undefined) return;
      this.running += 1;
      next();
    }
  }
}
