/** Fewer are tried only after stalls: two keep the network busy while one of them waits for its answer. */
const LEAST = 2;
/** Uploads and time that are enough to tell how fast the network takes them. */
const PER_MEASUREMENT = 2;
const MEASUREMENT_MS = 1000;
/** Of the best that was seen: what is slower is not noise. */
const AS_GOOD = 0.9;
/** The best fades, since networks change. */
const FADING = 0.98;
/** Measurements that pass before fewer are tried again, once that has turned out to be slower. */
const CONTENT_FOR = 10;

/**
 * How many uploads the network takes at once: the fewest that bring as many bytes in a second as more of them would. It
 * tries one more or one fewer, measures, and keeps what has helped.
 */
export class Pace {
  private present: number;
  private step: 1 | -1 = 1;
  private best = 0;
  private contentFor = 0;
  private bytes = 0;
  private uploads = 0;
  private underWay = 0;
  /** Those under way that began before this measurement. */
  private leftOver = 0;
  /** Of this measurement, without the time in which nothing was under way. */
  private begunAt = 0;
  private endedAt = 0;

  /** `most` may change: what a connection can carry is known once there is one. */
  constructor(private readonly most: () => number) {
    this.present = most();
  }

  get atOnce(): number {
    return Math.min(this.present, this.most());
  }

  begun(now: number): void {
    if (this.underWay === 0) this.begunAt += now - this.endedAt;
    this.underWay += 1;
  }

  /** `sentBytes` is 0 for an upload that failed. */
  ended(sentBytes: number, now: number): void {
    this.underWay -= 1;
    this.endedAt = now;
    if (this.leftOver > 0) {
      this.leftOver -= 1;
      this.begunAt = now;
      return;
    }
    if (sentBytes === 0) return;
    this.bytes += sentBytes;
    this.uploads += 1;
    const elapsedMs = now - this.begunAt;
    if (this.uploads < PER_MEASUREMENT * this.atOnce || elapsedMs < MEASUREMENT_MS) return;
    this.judge(this.bytes / elapsedMs);
    this.measureFrom(now);
  }

  /** So many at once that none of them moves: half of them do better, and be it a single one. */
  stalled(now: number): void {
    this.present = Math.max(1, Math.floor(this.atOnce / 2));
    this.step = 1;
    this.best = 0;
    this.measureFrom(now);
  }

  private measureFrom(now: number): void {
    this.bytes = 0;
    this.uploads = 0;
    this.leftOver = this.underWay;
    this.begunAt = now;
  }

  private judge(rate: number): void {
    const gained = rate * AS_GOOD > this.best;
    const lost = rate < this.best * AS_GOOD;
    this.best = Math.max(rate, this.best * FADING);
    if (lost && this.step < 0) {
      this.step = 1;
      this.contentFor = CONTENT_FOR;
      this.move();
    } else if (this.contentFor > 0) this.contentFor -= 1;
    else {
      if (!gained && this.step > 0) this.step = -1;
      this.move();
    }
  }

  private move(): void {
    const most = this.most();
    this.present = Math.min(most, Math.max(Math.min(LEAST, this.present + 1), this.atOnce + this.step));
    if (this.present === most) this.step = -1;
  }
}
