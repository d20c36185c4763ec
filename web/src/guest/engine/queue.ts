import type { Job } from "./job.ts";

/** Files that small ones may pass. */
const WINDOW = 50;
/** Every so many, the one that has waited the longest is next, however large. */
const TURN_OF_THE_OLDEST = 4;

/**
 * Files that wait, in the order picked. The smallest of the first few goes first, so that progress shows early and a film
 * holds nothing up; now and then it is the oldest one's turn, so that none waits for ever.
 */
export class Queue {
  private readonly jobs: Job[] = [];
  private taken = 0;

  add(...jobs: Job[]): void {
    for (const job of jobs) this.jobs.push(job);
  }

  take(): Job | undefined {
    this.taken += 1;
    return this.jobs.splice(this.taken % TURN_OF_THE_OLDEST === 0 ? 0 : this.smallest(), 1)[0];
  }

  remove(id: number): Job | undefined {
    const index = this.jobs.findIndex((job) => job.id === id);
    return index < 0 ? undefined : this.jobs.splice(index, 1)[0];
  }

  /** Empties it. */
  takeAll(): Job[] {
    return this.jobs.splice(0);
  }

  /** The first of equals. */
  private smallest(): number {
    const sizes = this.jobs.slice(0, WINDOW).map(({ sizeBytes }) => sizeBytes);
    return sizes.indexOf(Math.min(...sizes));
  }
}
