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
  for (const file of files) {
    if (file.state === "skipped") {
      const code = file.reason?.code ?? "unexpected";
      tally.skipped.set(code, (tally.skipped.get(code) ?? 0) + 1);
      continue;
    }
    tally.total += 1;
    if (file.state === "saved") countSaved(tally, file);
    else if (file.state === "failed") tally.failed += 1;
    else tally.pending += 1;
    if (file.reason?.code === "rejected") tally.rejected += 1;
    // What was here already takes no sending.
    if (file.alreadyHere) continue;
    tally.totalBytes += file.sizeBytes;
    tally.sentBytes += file.state === "saved" ? file.sizeBytes : Math.min(file.sentBytes, file.sizeBytes);
  }
  return tally;
}

function countSaved(tally: Tally, { alreadyHere, check, warnings }: Standing): void {
  tally.saved += 1;
  if (alreadyHere) tally.alreadyHere += 1;
  if (check === "pending") tally.unchecked += 1;
  if (check === "passed") tally.verified += 1;
  if (warnings?.includes("location_removed")) tally.withoutPlace += 1;
}
