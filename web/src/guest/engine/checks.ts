import { backoffMs } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import type { Verdict } from "./verdict.ts";

/** Most photos are looked at sooner than this after they have arrived. */
const LEAST_MS = 500;

export interface ChecksParts {
  clock: Clock;
  random: () => number;
  /** Undefined: not known yet. */
  verdictOn: (imageId: number) => Promise<Verdict | undefined>;
  /** Nothing is being sent: the connection is free. */
  atRest: () => boolean;
}

interface Followed {
  imageId: number;
  hear: (verdict: Verdict) => void;
}

/**
 * Asks what the server has made of photos that have arrived: one after the other, only while nothing is being sent, and
 * the more seldom the longer there is no news. The server looks at them in the order of their arrival, more or less.
 */
export class Checks {
  private readonly line: Followed[] = [];
  /** Looks in a row that told nothing; the first one waits, too. */
  private fruitless = 1;
  private underWay = false;

  constructor(private readonly parts: ChecksParts) {}

  follow(imageId: number, hear: (verdict: Verdict) => void): void {
    this.line.push({ imageId, hear });
    this.goOn();
  }

  /** Begins to ask where there is reason to, and nothing in the way. */
  goOn(): void {
    if (this.underWay || this.line.length === 0 || !this.parts.atRest()) return;
    this.underWay = true;
    const { clock, random } = this.parts;
    const waitMs = this.fruitless === 0 ? 0 : LEAST_MS + backoffMs(this.fruitless, random);
    clock.after(waitMs, () => void this.look());
  }

  private async look(): Promise<void> {
    if (this.parts.atRest()) await this.lookAtNext();
    this.underWay = false;
    if (this.line.length === 0) this.fruitless = 1;
    this.goOn();
  }

  private async lookAtNext(): Promise<void> {
    const next = this.line.shift();
    if (next === undefined) return;
    const verdict = await this.parts.verdictOn(next.imageId);
    if (verdict === undefined) {
      this.fruitless += 1;
      this.line.push(next);
    } else {
      this.fruitless = 0;
      next.hear(verdict);
    }
  }
}
