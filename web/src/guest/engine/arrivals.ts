import type { Checks } from "./checks.ts";
import type { Job } from "./job.ts";
import { CANCELLED, type Reason, type Report } from "./messages.ts";
import type { Verdict } from "./verdict.ts";

export interface ArrivalsParts {
  checks: Pick<Checks, "follow">;
  /** Deletes an image; false where it is still there. */
  takeBack: (imageId: number) => Promise<boolean>;
  report: (report: Report) => void;
  /** The server does not keep it. */
  rejected: (job: Job, reason: Reason) => void;
}

interface Arrival {
  imageId: number | undefined;
  /** What the page was told of it last. */
  told: Report;
}

/** What is saved: followed until the server has looked at it, and taken back where the guest does not want it there. */
export class Arrivals {
  /** By the ids of their files. */
  private readonly arrived = new Map<number, Arrival>();

  constructor(private readonly parts: ArrivalsParts) {}

  add(job: Job): void {
    const { id, imageId, alreadyHere } = job;
    const report: Report = { id, state: "saved", alreadyHere };
    this.goOn(job, imageId === undefined ? report : { ...report, imageId, check: "pending" });
  }

  /** From what was told of it last. */
  goOn(job: Job, told: Report): void {
    const { imageId } = job;
    this.tell(imageId, told);
    if (imageId === undefined || told.check !== "pending") return;
    this.parts.checks.follow(imageId, (verdict) => this.judge(job, imageId, verdict));
  }

  /** An image that was here before, or is another file's too, stays: the file is only let go of. */
  async takeBack(id: number): Promise<void> {
    const arrival = this.arrived.get(id);
    if (arrival === undefined) return;
    const { imageId } = arrival;
    const stays = arrival.told.alreadyHere || this.filesOf(imageId) > 1;
    if (stays || (imageId !== undefined && (await this.parts.takeBack(imageId)))) {
      this.arrived.delete(id);
      this.parts.report({ id, ...CANCELLED });
    } else if (this.arrived.has(id)) this.tell(imageId, { ...arrival.told, notTakenBack: true });
  }

  /** A saved file stays saved, unless the server does not keep it. */
  private judge(job: Job, imageId: number, verdict: Verdict): void {
    const { id, alreadyHere } = job;
    // Taken back meanwhile.
    if (this.arrived.get(id)?.imageId !== imageId) return;
    const kept: Report = { id, state: "saved", imageId, alreadyHere };
    if (verdict.is === "rejected") {
      this.arrived.delete(id);
      this.parts.rejected(job, verdict.reason);
    } else if (verdict.is === "passed") {
      this.tell(imageId, { ...kept, check: "passed", warnings: verdict.warnings });
    } else if (verdict.is === "unexamined") {
      this.tell(imageId, { ...kept, warnings: ["not_examined"] });
    } else this.tell(imageId, kept);
  }

  private tell(imageId: number | undefined, report: Report): void {
    const arrival = this.arrived.get(report.id) ?? { imageId, told: report };
    arrival.told = arrival.told.notTakenBack ? { ...report, notTakenBack: true } : report;
    this.arrived.set(report.id, arrival);
    this.parts.report(arrival.told);
  }

  private filesOf(imageId: number | undefined): number {
    return [...this.arrived.values()].filter((arrival) => arrival.imageId === imageId).length;
  }
}
