import type { Clock } from "./clock.ts";
import type { Report } from "./messages.ts";

/** The page hears at most four times a second, however much happens: each time costs it a frame. */
const INTERVAL_MS = 250;

/** Gathers the reports on all files, and sends of several on one file the last only. After a quiet time it waits for none. */
export class Reports {
  private readonly latest = new Map<number, Report>();
  private scheduled = false;
  private sentAt = -Infinity;

  constructor(
    private readonly clock: Clock,
    private readonly send: (reports: Report[]) => void,
  ) {}

  add(report: Report): void {
    this.latest.set(report.id, report);
    if (this.scheduled) return;
    this.scheduled = true;
    this.clock.after(Math.max(0, this.sentAt + INTERVAL_MS - this.clock.now()), () => this.flush());
  }

  private flush(): void {
    this.scheduled = false;
    this.sentAt = this.clock.now();
    const reports = [...this.latest.values()];
    this.latest.clear();
    this.send(reports);
  }
}
