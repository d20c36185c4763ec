import type { Reason, Report, State } from "./engine/messages.ts";

/** What the figures need to know of one file. */
export interface Standing {
  sizeBytes: number;
  sentBytes: number;
  state: State;
  reason?: Reason | undefined;
  alreadyHere?: Report["alreadyHere"];
  check?: Report["check"];
  warnings?: Report["warnings"] | undefined;
}

const FINAL = new Set<Reason["code"] | undefined>([
  "link_ended",
  "outdated",
  "file_not_read",
  "folder_not_read",
  "rejected",
]);

/** Whether sending a failed file again may help. */
export function mayRetry(reason: Reason | undefined): boolean {
  return !FINAL.has(reason?.code);
}

/** The figures over all files. What was skipped counts among `skipped` only. */
export interface Tally {
  /** Files that are photos, as far as is known. */
  total: number;
  saved: number;
  failed: number;
  /** Those of the failed that are worth another try. */
  retriable: number;
  /** Those of the failed that arrived, and that the server does not keep. */
  rejected: number;
  /** Those of the saved that the server held before. */
  alreadyHere: number;
  /** Those of the saved that the server has yet to look at. */
  unchecked: number;
  /** Those of the saved that it has looked at, and found good. */
  verified: number;
  /** Those of the saved out of which the device took where they were taken. */
  withoutPlace: number;
  /** Neither saved nor failed yet. */
  pending: number;
  skipped: Map<Reason["code"], number>;
  totalBytes: number;
  sentBytes: number;
}

export function tallyOf(files: Iterable<Standing>): Tally {
  const tally: Tally = {
    total: 0,
    saved: 0,
    failed: 0,
    retriable: 0,
    rejected: 0,
    alreadyHere: 0,
    unchecked: 0,
    verified: 0,
    withoutPlace: 0,
    pending: 0,
    skipped: new Map(),
    totalBytes: 0,
    sentBytes: 0,
  };
  for (const file of files) count(tally, file, 1);
  return tally;
}

/** Counts one file in, or out again as it was counted in: nobody goes through thousands for the sake of one. */
export function count(tally: Tally, file: Standing, by: 1 | -1): void {
  const { state, reason, alreadyHere, sizeBytes, sentBytes } = file;
  if (state === "skipped") return countSkipped(tally, reason?.code ?? "unexpected", by);
  tally.total += by;
  if (state === "saved") countSaved(tally, file, by);
  else if (state === "failed") tally.failed += by;
  else tally.pending += by;
  if (state === "failed" && mayRetry(reason)) tally.retriable += by;
  if (reason?.code === "rejected") tally.rejected += by;
  // What was here already takes no sending.
  if (alreadyHere) return;
  tally.totalBytes += by * sizeBytes;
  tally.sentBytes += by * (state === "saved" ? sizeBytes : Math.min(sentBytes, sizeBytes));
}

function countSkipped({ skipped }: Tally, code: Reason["code"], by: 1 | -1): void {
  const files = (skipped.get(code) ?? 0) + by;
  if (files === 0) skipped.delete(code);
  else skipped.set(code, files);
}

function countSaved(tally: Tally, { alreadyHere, check, warnings }: Standing, by: 1 | -1): void {
  tally.saved += by;
  if (alreadyHere) tally.alreadyHere += by;
  if (check === "pending") tally.unchecked += by;
  if (check === "passed") tally.verified += by;
  if (warnings?.includes("location_removed")) tally.withoutPlace += by;
}
