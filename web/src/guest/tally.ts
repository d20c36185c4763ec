import type { Reason, State } from "./engine/messages.ts";

/** What the figures need to know of one file. */
export interface Standing {
  sizeBytes: number;
  sentBytes: number;
  state: State;
  reason?: Reason | undefined;
}

const FINAL = new Set<Reason["code"] | undefined>(["link_ended", "file_not_read", "folder_not_read"]);

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
    tally.totalBytes += file.sizeBytes;
    tally.sentBytes += file.state === "saved" ? file.sizeBytes : Math.min(file.sentBytes, file.sizeBytes);
    if (file.state === "saved") tally.saved += 1;
    else if (file.state === "failed") tally.failed += 1;
    else tally.pending += 1;
  }
  return tally;
}
