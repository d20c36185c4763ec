/** Where locks come from: `navigator.wakeLock` (Screen Wake Lock API), where the browser has it. */
export interface Locks {
  request(type: "screen"): Promise<Lock>;
}

export interface Lock {
  readonly released: boolean;
  release(): Promise<void>;
}

/** The document, as far as it is needed. */
export interface Visibility {
  readonly visibilityState: DocumentVisibilityState;
  addEventListener(type: "visibilitychange", listener: () => void): void;
}

/**
 * Keeps the phone's screen on while photos are on their way: a phone that falls asleep stops sending. The browser takes
 * the lock away whenever the page is hidden, so it is taken again when the page is back.
 */
export class WakeLock {
  private wanted = false;
  private asking = false;
  private refused = false;
  private lock: Lock | undefined;

  constructor(
    private readonly page: Visibility,
    private readonly locks: Locks | undefined,
  ) {
    page.addEventListener("visibilitychange", () => void this.settle());
  }

  /** Whether the screen may go off, as far as is known. */
  get isRefused(): boolean {
    return this.refused;
  }

  keep(wanted: boolean): void {
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    void this.settle();
  }

  private async settle(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    try {
      if (!this.wanted) await this.letGo();
      else if (this.page.visibilityState === "visible" && (this.lock?.released ?? true)) {
        this.lock = await this.locks?.request("screen");
        this.refused = this.lock === undefined;
      }
    } catch {
      // When the battery is low, for instance.
      this.refused = true;
    } finally {
      this.asking = false;
    }
    // What was wanted may have changed while the browser thought about it.
    if (!this.wanted && this.lock) void this.settle();
  }

  private async letGo(): Promise<void> {
    const lock = this.lock;
    this.lock = undefined;
    await lock?.release();
  }
}
