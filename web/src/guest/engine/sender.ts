import type { PartedPolicy, Policy, SignedPut } from "../../shared/api.ts";
import type { Clock } from "./clock.ts";
import type { Connection } from "./connection.ts";
import { type Failure, storageFailure, UploadError, type Waiting } from "./failure.ts";
import { Gate } from "./gate.ts";
import { cut, type Job } from "./job.ts";
import type { Report } from "./messages.ts";
import { Pace } from "./pace.ts";
import { type PartsParts, type SendingPart, sendParts } from "./parts.ts";
import { isReadable } from "./prepare.ts";
import type { PutAnswer } from "./put.ts";
import { Rest } from "./rest.ts";

/** Parts of large files, each of which is held in memory meanwhile. */
const HASHED_AT_ONCE = 1;

export interface SenderParts {
  clock: Clock;
  connection: Connection;
  server: PartsParts["server"];
  maxFileBytes: number;
  /** The SHA-256 of a part in hex, or undefined where this browser cannot hash. */
  hash: (part: Blob) => Promise<string | undefined>;
  put: (signed: SignedPut, body: Blob, transfer: Transfer) => Promise<PutAnswer>;
  /** PUTs at once that the way to storage can carry. */
  mostPuts: () => number;
  report: (report: Report) => void;
}

/** How one body is sent: a whole file, or a part of one. */
interface Sending extends SendingPart {
  /** It begins, or waits until the guest lets it go on. */
  is: (state: "uploading" | "queued") => void;
}

/** What goes on with one PUT. */
export interface Transfer {
  hearSent: (sentBytes: number) => void;
  /** Ends it early. */
  signal: AbortSignal;
}

/** Brings the bytes of signed files into storage, as many at once as the network takes. */
export class Sender {
  private readonly hashing = new Gate(HASHED_AT_ONCE);
  private readonly pace: Pace;
  private readonly network: Gate;
  private readonly rest = new Rest();

  constructor(
    private readonly parts: SenderParts,
    /** Throws where the job has no future. */
    private readonly mustGoOn: (job: Job) => void,
  ) {
    this.pace = new Pace(parts.mostPuts);
    this.network = new Gate(this.pace.atOnce);
  }

  /** Whether another PUT would begin at once. */
  get hasRoom(): boolean {
    return this.network.hasRoom;
  }

  /** While it is paused, no PUT begins. */
  pause(paused: boolean): void {
    this.rest.set(paused);
  }

  /** Throws `UploadError` where a file, or a part of it, needs more than to be sent again. */
  send(job: Job, policy: Policy | PartedPolicy): Promise<void> {
    return policy.url === null ? this.sendParts(job, policy) : this.sendWhole(job, policy);
  }

  private sendWhole(job: Job, policy: Policy): Promise<void> {
    const { id, file } = job;
    const sending: Sending = {
      is: (state) => this.parts.report({ id, state }),
      hearSent: (sentBytes) => this.parts.report({ id, state: "uploading", sentBytes }),
      mustGoOn: () => this.mustGoOn(job),
    };
    return this.network.run(() => this.put(job, policy, file, sending));
  }

  private async sendParts(job: Job, policy: PartedPolicy): Promise<void> {
    const { clock, connection, server, hash, report } = this.parts;
    const { id } = job;
    let sentBytes = 0;
    const send = (signed: SignedPut, part: Blob, { hearSent, mustGoOn }: SendingPart) => {
      const is = (state: "uploading" | "queued") => report({ id, state, sentBytes });
      const sending = { is, hearSent, mustGoOn: () => (this.mustGoOn(job), mustGoOn()) };
      // Behind whole photos: a film holds up none of them.
      return this.network.run(() => this.put(job, signed, part, sending), "second");
    };
    const hear = (sent: number, waiting?: Waiting) => {
      sentBytes = sent;
      report({ id, state: "uploading", sentBytes, ...waiting });
    };
    const sending = sendParts(job.file, policy, {
      clock,
      connection,
      server,
      networkHasRoom: () => this.network.hasRoom,
      hash: (part) => this.hashing.run(() => (this.mustGoOn(job), hash(part))),
      send,
      hear,
    });
    // Where one part fails for good, the others are not waited for.
    await sending.finally(() => cut(job));
  }

  private async put(job: Job, signed: SignedPut, body: Blob, sending: Sending): Promise<void> {
    const { connection, clock, maxFileBytes } = this.parts;
    const { status, body: answer } = await this.transfer(job, signed, body, sending);
    if (status >= 200 && status < 300) {
      connection.succeeded();
      return;
    }
    sending.mustGoOn();
    // A browser reports a file that was changed or deleted meanwhile just like a broken network.
    if (status === 0 && !(await isReadable(job.file, clock))) {
      throw new UploadError({ kind: "failed", reason: { code: "unreadable" } });
    }
    const failure: Failure =
      status === 0 ? { kind: "unanswered" } : storageFailure(status, answer, maxFileBytes);
    if (failure.kind === "transient") connection.failed(failure.reason);
    if (failure.kind === "unanswered") connection.failed();
    throw new UploadError(failure);
  }

  /** One PUT; where the guest pauses it, one more once it goes on. */
  private async transfer(
    job: Job,
    signed: SignedPut,
    body: Blob,
    { is, hearSent, mustGoOn }: Sending,
  ): Promise<PutAnswer> {
    const { clock, connection, put } = this.parts;
    for (;;) {
      await connection.ready();
      if (this.rest.isOn) await this.rest.over();
      mustGoOn();
      const stop = new AbortController();
      job.transfers.add(stop);
      is("uploading");
      this.pace.begun(clock.now());
      const answer = await put(signed, body, { hearSent, signal: stop.signal });
      job.transfers.delete(stop);
      this.measure(body, answer);
      if (answer.status !== 0 || !stop.signal.aborted) return answer;
      mustGoOn();
      is("queued");
    }
  }

  private measure({ size }: Blob, { status, stalled }: PutAnswer): void {
    const now = this.parts.clock.now();
    this.pace.ended(status >= 200 && status < 300 ? size : 0, now);
    if (stalled) this.pace.stalled(now);
    this.network.resize(this.pace.atOnce);
  }
}
