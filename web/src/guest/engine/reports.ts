import type { Clock } from "./clock.ts";
import type { Report } from "./messages.ts";

/** The page hears at most ten times a second, however much happens. */
const INTERVAL_MS = 100;

/** Gathers the reports on all files; of several on one file only the last is sent. */
export class Reports {
  private readonly latest = new Map<number, Report>();
  private scheduled = false;

  constructor(
    private readonly clock: Clock,
    private readonly send: (reports: Report[]) => void,
  ) {}

  add(report: Report): void {
    this.latest.set(report.id, report);
    if (this.scheduled) return;
    this.scheduled = true;
    this.clock.after(INTERVAL_MS, () => this.flush());
  }

  private flush(): void {
    this.scheduled = false;
    const reports = [...this.latest.values()];
    this.latest.clear();
    this.send(reports);
  }
}
