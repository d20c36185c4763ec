/** A time in which nothing is to be sent. */
export class Rest {
  private resolve: (() => void) | undefined;
  private end = Promise.resolve();

  get isOn(): boolean {
    return this.resolve !== undefined;
  }

  /** Begins it or ends it. */
  set(resting: boolean): void {
    if (resting === this.isOn) return;
    this.resolve?.();
    this.resolve = undefined;
    if (resting) this.end = new Promise((resolve) => (this.resolve = resolve));
  }

  /** Resolves when there is none, or no more. */
  async over(): Promise<void> {
    while (this.isOn) await this.end;
  }
}
