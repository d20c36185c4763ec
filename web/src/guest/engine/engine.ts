import { isRefused, type PartedPolicy, type Policy } from "../../shared/api.ts";
import { Arrivals } from "./arrivals.ts";
import { Checks, type ChecksParts } from "./checks.ts";
import { type Failure, failureOf, serverFailure, UploadError, waitingAfter } from "./failure.ts";
import { fileNameForServer } from "./file-name.ts";
import { Gate } from "./gate.ts";
import { cut, forgetImage, forgetPolicy, forgetPreparation, type Job, newJob } from "./job.ts";
import { type Arrived, CANCELLED, type Picked, type Reason } from "./messages.ts";
import { Lines } from "./lines.ts";
import { PickList } from "./pick-list.ts";
import type { Prepared } from "./prepare.ts";
import { Queue } from "./queue.ts";
import { noHistory, remedyFor, remember } from "./remedy.ts";
import { Sender, type SenderParts } from "./sender.ts";
import type { Server } from "./server.ts";
import type { Verdict } from "./verdict.ts";

/** Files between "queued" and the end of their PUT: those on the network and a few that are ready for it. */
const AHEAD = 24;
const PREPARED_AT_ONCE = 2;

export interface EngineParts extends SenderParts {
  random: () => number;
  server: Server;
  prepare: (file: File) => Promise<Prepared>;
  news: ChecksParts["news"];
  verdictOn: (imageId: number) => Promise<Verdict | undefined>;
  /** The invitation has expired or was revoked: nothing more can be sent. */
  linkEnded: () => void;
}

/**
 * Takes files through preparing, signing, sending and completing, several at once, about in the order picked. What is
 * saved is followed until the server has looked at it.
 */
export class Engine {
  private readonly queue = new Queue();
  private readonly ahead = new Set<Job>();
  /** Those ahead, and those that are completed or wait for their time. */
  private readonly carried = new Set<Job>();
  /** Files that are not saved, kept for a retry. */
  private readonly failed = new Map<number, Job>();
  private readonly preparing = new Gate(PREPARED_AT_ONCE);
  private readonly sender: Sender;
  private readonly lines: Lines;
  private readonly checks: Checks;
  private readonly picks: PickList;
  private readonly arrivals: Arrivals;
  private ended = false;

  constructor(private readonly parts: EngineParts) {
    const { clock, random, server, news, verdictOn } = parts;
    this.sender = new Sender(parts, (job) => this.mustGoOn(job));
    this.checks = new Checks({ clock, random, news, verdictOn, atRest: () => this.ahead.size === 0 });
    this.arrivals = new Arrivals({
      checks: this.checks,
      takeBack: server.takeBack,
      report: parts.report,
      rejected: (job, reason) => this.rejected(job, reason),
    });
    this.picks = new PickList({ clock, remember: server.remember, forget: server.forget });
    this.lines = new Lines({ clock, server, networkHasRoom: () => this.sender.hasRoom });
  }

  add(files: Picked[]): void {
    const jobs = files.map(newJob);
    for (const job of jobs) this.picks.add(job, this.failedBefore(job));
    this.queue.add(...jobs);
    this.fill();
  }

  /** Knows these from now on, as if it had saved them itself. */
  goOnWith(files: Arrived[]): void {
    for (const { told, ...file } of files) {
      this.arrivals.goOn(
        { ...newJob(file), imageId: told.imageId, alreadyHere: told.alreadyHere ?? false },
        told,
      );
    }
  }

  /** Puts failed files back at the end of the queue. */
  retry(ids: number[]): void {
    for (const id of ids) {
      const job = this.failed.get(id);
      if (job === undefined) continue;
      this.failed.delete(id);
      job.history = noHistory;
      this.queue.add(job);
    }
    this.fill();
  }

  /** Cuts what is being sent, and sends nothing more until it is told to go on. What has arrived is still completed. */
  pause(paused: boolean): void {
    this.sender.pause(paused);
    if (paused) this.carried.forEach(cut);
  }

  /** Sends these no more, and takes back those that have arrived. */
  cancel(ids: number[]): void {
    const wanted = new Set(ids);
    for (const job of this.carried) {
      if (!wanted.delete(job.id)) continue;
      job.cancelled = true;
      cut(job);
      // What the server may have is told of once that is known, and it is taken back.
      if (!job.told) this.parts.report({ id: job.id, ...CANCELLED });
    }
    for (const id of wanted) if (!this.discard(id)) void this.arrivals.takeBack(id);
    // Those that wait for their time hear of it now.
    this.parts.connection.wake();
  }

  /** Lets go of a file that is not on its way; false where it is not here. */
  private discard(id: number): boolean {
    const job = this.queue.remove(id) ?? this.failed.get(id);
    if (job === undefined) return false;
    this.failed.delete(id);
    void this.picks.drop(job);
    this.parts.report({ id, ...CANCELLED });
    return true;
  }

  /** The same file, as far as a name and a size tell, which failed and is picked again. */
  private failedBefore({ file, sizeBytes }: Job): Job | undefined {
    if (this.failed.size === 0) return undefined;
    return [...this.failed.values()].find(
      (job) => job.sizeBytes === sizeBytes && job.file.name === file.name,
    );
  }

  private fill(): void {
    while (this.ahead.size < AHEAD) {
      const job = this.queue.take();
      if (job === undefined) return;
      this.ahead.add(job);
      void this.carry(job);
    }
  }

  /** Makes room for the next file, once this one waits or needs the network no more. */
  private leave(job: Job): void {
    if (!this.ahead.delete(job)) return;
    this.fill();
    this.checks.goOn();
  }

  private async carry(job: Job): Promise<void> {
    this.carried.add(job);
    for (;;) {
      const failure = await this.attempt(job).then(
        () => undefined,
        (cause: unknown) => failureOf(cause),
      );
      if (failure === undefined) {
        this.saved(job);
        break;
      }
      if (failure.kind === "link_ended") this.end();
      if (!(await this.recover(job, failure))) break;
    }
    this.carried.delete(job);
    this.leave(job);
  }

  private saved(job: Job): void {
    this.arrivals.add(job);
    if (job.cancelled) void this.arrivals.takeBack(job.id);
  }

  private rejected(job: Job, reason: Reason): void {
    forgetPreparation(job);
    this.failed.set(job.id, job);
    if (reason.code === "rejected") void this.picks.drop(job);
    this.parts.report({ id: job.id, state: "failed", reason });
  }

  private async attempt(job: Job): Promise<void> {
    this.mustGoOn(job);
    const prepared = (job.prepared ??= await this.preparing.run(() => this.prepare(job)));
    const policy = (job.policy ??= await this.signFor(job, prepared));
    if (policy === undefined) return this.confirmHere(job);
    if (!job.sent) await this.sender.send(job, policy);
    this.mustGoOn(job);
    job.sent = true;
    this.leave(job);
    await this.confirm(job, policy, prepared);
  }

  /** Throws where the job has no future. */
  private mustGoOn(job: Job): void {
    if (this.ended) throw new UploadError({ kind: "link_ended" });
    if (job.cancelled && !job.told) throw new UploadError({ kind: "skipped", reason: CANCELLED.reason });
  }

  private prepare(job: Job): Promise<Prepared> {
    this.mustGoOn(job);
    this.parts.report({ id: job.id, state: "preparing" });
    return this.parts.prepare(job.file);
  }

  /** A URL for this file, or undefined where the server has the file already. */
  private async signFor(job: Job, { type, sha256 }: Prepared): Promise<Policy | PartedPolicy | undefined> {
    const answer = await this.lines.of(job).sign({
      filename: fileNameForServer(job.file.name),
      size: job.file.size,
      type,
      ...(sha256 === undefined ? {} : { sha256 }),
      ...(job.imageId === undefined ? {} : { file_id: job.imageId }),
    });
    if ("duplicate_of" in answer) {
      job.imageId = answer.duplicate_of;
      job.alreadyHere = true;
      return undefined;
    }
    if (!isRefused(answer)) {
      job.imageId = answer.file_id;
      return answer;
    }
    if (answer.code === "already_uploaded") return undefined;
    throw new UploadError(serverFailure(answer.status, answer));
  }

  /** What the server has already, this pick has brought, too. */
  private async confirmHere(job: Job): Promise<void> {
    this.leave(job);
    const pick = await this.picks.soon(job);
    if (job.imageId === undefined) return;
    if (pick === undefined) return void this.confirmLate(job);
    const answer = await this.lines.of(job).complete({ file: job.imageId, pick });
    if (isRefused(answer)) throw new UploadError(serverFailure(answer.status, answer));
  }

  private async confirm(
    job: Job,
    policy: Policy | PartedPolicy,
    { type, metadata }: Prepared,
  ): Promise<void> {
    this.parts.report({ id: job.id, state: "saving", sentBytes: job.file.size });
    const pick = await this.picks.soon(job);
    this.mustGoOn(job);
    job.told = true;
    const answer = await this.lines.of(job).complete({
      file: policy.file_id,
      ...(pick === undefined ? {} : { pick }),
      fileSize: job.file.size,
      fileType: type,
      ...(metadata === undefined ? {} : { metadata }),
    });
    if (isRefused(answer)) throw new UploadError(serverFailure(answer.status, answer));
    if (pick === undefined) void this.confirmLate(job);
  }

  /** Says which pick a photo was that could not wait for it. Without this the photo is saved, and counted as missing. */
  private async confirmLate(job: Job): Promise<void> {
    const pick = await job.pick;
    if (pick === undefined || job.imageId === undefined) return;
    await this.lines
      .of(job)
      .complete({ file: job.imageId, pick })
      .catch(() => undefined);
  }

  /** Undoes what the failure made worthless and waits; false where this file has come to its end. */
  private async recover(job: Job, failure: Failure): Promise<boolean> {
    const remedy = remedyFor(failure, job.history);
    job.history = remember(job.history, failure);
    if (failure.kind === "changed") forgetPreparation(job);
    if (remedy.do !== "repeat" && (await this.isGone(job))) {
      void this.picks.drop(job);
      this.parts.report({ id: job.id, ...CANCELLED });
      return false;
    }
    if (remedy.do === "end") {
      this.failed.set(job.id, job);
      if (remedy.state === "skipped") void this.picks.drop(job);
      this.parts.report({ id: job.id, state: remedy.state, reason: remedy.reason });
      return false;
    }
    if (remedy.do === "sign_again") forgetPolicy(job);
    if (remedy.do === "start_over") forgetImage(job);
    this.parts.report({ id: job.id, state: "uploading", ...waitingAfter(failure) });
    this.leave(job);
    await this.parts.connection.pause(job.history.failures, remedy.do === "repeat" ? remedy.retryAfterMs : 0);
    return true;
  }

  /** Whether the guest does not want it, and the server has it no more. */
  private async isGone({ cancelled, told, imageId }: Job): Promise<boolean> {
    if (!cancelled) return false;
    return !told || imageId === undefined || this.parts.server.takeBack(imageId);
  }

  private end(): void {
    if (this.ended) return;
    this.ended = true;
    this.carried.forEach(cut);
    this.sender.pause(false);
    this.parts.linkEnded();
    for (const { id } of this.queue.takeAll()) {
      this.parts.report({ id, state: "failed", reason: { code: "link_ended" } });
    }
  }
}
