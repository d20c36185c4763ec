import type { PartedPolicy, Policy } from "../../shared/api.ts";
import type { Picked } from "./messages.ts";
import { noHistory, type History } from "./remedy.ts";
import type { Prepared } from "./prepare.ts";

/** One file on its way. What is already achieved stays here, so that a retry goes on where the last attempt stopped. */
export interface Job {
  readonly id: number;
  readonly file: File;
  readonly sizeBytes: number;
  prepared?: Prepared | undefined;
  /** The server's id of the image, once a URL has been signed. */
  imageId?: number | undefined;
  policy?: Policy | PartedPolicy | undefined;
  /** The server held these bytes before. */
  alreadyHere: boolean;
  /** Every byte is in storage; what remains is to say so. */
  sent: boolean;
  /** The server has been asked to complete it: it may be saved, whatever has come back. */
  told: boolean;
  /** What is under way of it: one PUT, or those of several parts. */
  readonly transfers: Set<AbortController>;
  /** The guest does not want it sent any more. */
  cancelled: boolean;
  /** The id by which the server remembers that it was picked; undefined where it does not. */
  pick?: Promise<number | undefined> | undefined;
  history: History;
}

export function newJob({ id, file, sizeBytes }: Picked): Job {
  const transfers = new Set<AbortController>();
  return {
    id,
    file,
    sizeBytes,
    alreadyHere: false,
    sent: false,
    told: false,
    transfers,
    cancelled: false,
    history: noHistory,
  };
}

/** Ends every transfer of it that is under way. */
export function cut(job: Job): void {
  for (const transfer of job.transfers) transfer.abort();
}

/** Forgets the URL; the next one is for the same image. */
export function forgetPolicy(job: Job): void {
  job.policy = undefined;
  job.sent = false;
}

/** Forgets the image too; the next URL is for a new one. */
export function forgetImage(job: Job): void {
  forgetPolicy(job);
  job.imageId = undefined;
  job.alreadyHere = false;
  job.told = false;
}

/** Forgets all that was read from the file. */
export function forgetPreparation(job: Job): void {
  forgetImage(job);
  job.prepared = undefined;
}
