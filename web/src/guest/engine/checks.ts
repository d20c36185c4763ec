import { backoffMs } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import type { NewsListener } from "./news.ts";
import type { Verdict } from "./verdict.ts";

/** Most photos are looked at sooner than this after they have arrived. */
const LEAST_MS = 500;
/** While news comes by itself: for what it may have left out. */
const SELDOM_MS = 30_000;
/** Verdicts on photos that nobody follows, or not yet: the server may be done before its answer has arrived here. */
const EARLY = 1000;

export interface ChecksParts {
  clock: Clock;
  random: () => number;
  /** Tells of images without being asked, where it can. */
  news: { readonly isOpen: boolean; open: (listener: NewsListener) => void; close: () => void };
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
 * Finds out what the server has made of photos that have arrived, only while nothing is being sent: listens to its news,
 * and where these do not come asks about one after the other, the more seldom the longer there is nothing to hear. The
 * server looks at them in the order of their arrival, more or less.
 */
export class Checks {
  private line: Followed[] = [];
  private readonly early = new Map<number, Verdict>();
  /** Looks in a row that told nothing; the first one waits, too. */
  private fruitless = 1;
  private underWay = false;
  private endWait: (() => void) | undefined;

  private readonly listener: NewsListener = {
    heard: (imageId, verdict) => this.heard(imageId, verdict),
    ended: () => {
      // What was put off for it is put off no longer.
      this.endWait?.();
      this.goOn();
    },
  };

  constructor(private readonly parts: ChecksParts) {}

  follow(imageId: number, hear: (verdict: Verdict) => void): void {
    const verdict = this.early.get(imageId);
    if (verdict) return hear(verdict);
    this.line.push({ imageId, hear });
    this.goOn();
  }

  /** Begins to ask where there is reason to, and nothing in the way. */
  goOn(): void {
    const { clock, random, news } = this.parts;
    if (this.line.length === 0 || !this.parts.atRest()) return news.close();
    news.open(this.listener);
    if (this.underWay) return;
    this.underWay = true;
    const asking = this.fruitless === 0 ? 0 : LEAST_MS + backoffMs(this.fruitless, random);
    const cancel = clock.after(news.isOpen ? SELDOM_MS : asking, () => void this.look());
    this.endWait = () => {
      cancel();
      this.underWay = false;
      this.endWait = undefined;
    };
  }

  private heard(imageId: number, verdict: Verdict): void {
    const followed = this.line.filter((one) => one.imageId === imageId);
    this.line = this.line.filter((one) => one.imageId !== imageId);
    for (const { hear } of followed) hear(verdict);
    if (followed.length === 0) this.keep(imageId, verdict);
    if (this.line.length === 0) this.parts.news.close();
  }

  private keep(imageId: number, verdict: Verdict): void {
    this.early.set(imageId, verdict);
    const [oldest] = this.early.keys();
    if (this.early.size > EARLY && oldest !== undefined) this.early.delete(oldest);
  }

  private async look(): Promise<void> {
    this.endWait = undefined;
    if (this.parts.atRest()) await this.lookAtNext();
    this.underWay = false;
    if (this.line.length === 0) this.fruitless = 1;
    this.goOn();
  }

  private async lookAtNext(): Promise<void> {
    const [next] = this.line;
    if (next === undefined) return;
    const verdict = await this.parts.verdictOn(next.imageId);
    this.fruitless = verdict === undefined ? this.fruitless + 1 : 0;
    // Its news may have come first.
    if (!this.line.includes(next)) return;
    this.line = this.line.filter((one) => one !== next);
    if (verdict === undefined) this.line.push(next);
    else next.hear(verdict);
  }
}
