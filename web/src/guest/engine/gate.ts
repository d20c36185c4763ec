/** Lets at most `width` tasks run at once, or fewer while it is narrowed; the others wait in order of arrival. */
export class Gate {
  private open: number;
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly width: number) {
    this.open = width;
  }

  /** Whether a task would run at once. */
  get hasRoom(): boolean {
    return this.running < this.open;
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

  /** Halves what may run at once, down to one. */
  narrow(): void {
    this.open = Math.max(1, Math.floor(this.open / 2));
  }

  /** Lets one more run at once, up to the full width. */
  widen(): void {
    this.open = Math.min(this.width, this.open + 1);
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
