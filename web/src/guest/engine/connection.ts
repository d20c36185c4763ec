import { backoffMs } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import type { ConnectionState, Reason } from "./messages.ts";

/** Below this many failures in a row it is single requests that fail, not the way to the server. */
const OUTAGE_FAILURES = 6;
/** No server may put a guest off for longer. */
const LONGEST_RETRY_AFTER_MS = 60_000;

/**
 * What all requests together say about the network. During an outage everyone holds back together, so that two
 * thousand files do not each find out alone.
 */
export class Connection {
  private failures = 0;
  private trouble: ConnectionState = "unsteady";
  private heldUntil = 0;
  private told: ConnectionState = "steady";
  private readonly sleepers = new Set<() => void>();

  constructor(
    private readonly clock: Clock,
    private readonly random: () => number,
    private readonly tell: (state: ConnectionState) => void,
  ) {}

  succeeded(): void {
    this.failures = 0;
    this.heldUntil = 0;
    this.tellChange();
  }

  /** `reason`: where more is known than that there was no answer. */
  failed(reason?: Reason): void {
    // What was under way when everyone began to hold back fails of the same thing, and makes it no longer.
    if (this.heldUntil > this.clock.now()) return;
    this.failures += 1;
    this.trouble = reason?.code === "storage_full" ? "full" : "unsteady";
    const outage = this.failures - OUTAGE_FAILURES;
    if (outage >= 0) this.heldUntil = this.clock.now() + backoffMs(outage, this.random);
    this.tellChange();
  }

  /** Resolves when a request is worth making. */
  async ready(): Promise<void> {
    while (this.heldUntil > this.clock.now()) await this.sleep(this.heldUntil - this.clock.now());
  }

  /** The wait before the next attempt at something that has failed `failures` times. */
  async pause(failures: number, retryAfterMs = 0): Promise<void> {
    const least = Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS);
    await this.sleep(Math.max(least, backoffMs(failures, this.random)));
  }

  /** Ends every wait, now. */
  wake(): void {
    this.heldUntil = 0;
    for (const rise of [...this.sleepers]) rise();
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const rise = () => {
        cancel();
        this.sleepers.delete(rise);
        resolve();
      };
      const cancel = this.clock.after(ms, rise);
      this.sleepers.add(rise);
    });
  }

  private tellChange(): void {
    const state = this.failures < 2 ? "steady" : this.trouble;
    if (state === this.told) return;
    this.told = state;
    this.tell(state);
  }
}
