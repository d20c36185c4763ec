import type { Clock } from "../clock.ts";

interface Timer {
  at: number;
  callback: () => void;
}

/** A clock that stands still until it is told otherwise. */
export class ManualClock implements Clock {
  private time = 0;
  private readonly timers = new Set<Timer>();

  now(): number {
    return this.time;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.time + ms, callback };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** Lets time pass; what becomes due on the way happens at its time. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    await settled();
    for (let next = this.next(); next && next.at <= end; next = this.next()) await this.fire(next);
    this.time = end;
  }

  /** Lets as much time pass as it takes until `done`, at most an hour. */
  async until(done: () => boolean): Promise<void> {
    const limit = this.time + 3_600_000;
    await settled();
    while (!done()) {
      const next = this.next();
      if (!next || next.at > limit) throw new Error("nothing more happens, and it is not done");
      await this.fire(next);
    }
  }

  private next(): Timer | undefined {
    return [...this.timers].sort((a, b) => a.at - b.at)[0];
  }

  private async fire(timer: Timer): Promise<void> {
    this.timers.delete(timer);
    this.time = Math.max(this.time, timer.at);
    timer.callback();
    await settled();
  }
}

/** Resolves once everything that needs no time has happened. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
