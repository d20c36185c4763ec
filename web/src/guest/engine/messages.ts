/** What the page and the engine's worker say to each other. */

export type State = "queued" | "preparing" | "uploading" | "saving" | "saved" | "failed" | "skipped";

/** Why a file is not saved, for the page to put into words. */
export type Reason =
  | {
      code: "not_a_photo" | "empty" | "unreadable" | "changed" | "link_ended" | "storage_full" | "unexpected";
    }
  /** The engine itself did not come. */
  | { code: "not_loaded" }
  /** By the guest. */
  | { code: "cancelled" }
  /** The browser gave no file to send, so only choosing again can help. */
  | { code: "file_not_read" | "folder_not_read" }
  | { code: "too_large"; maxBytes: number }
  /** The invitation takes no more photos than so many, or no more bytes. */
  | { code: "quota_full"; maxFiles?: number | undefined; maxBytes?: number | undefined }
  /** The page is older than the server, which has not got its engine any more. */
  | { code: "outdated" }
  /** Our server's own words; `rejection`: its code, where it has looked at the file. */
  | { code: "refused"; message: string; rejection?: string }
  /** The same, about a file that has arrived and will not be kept, however often it is sent. */
  | { code: "rejected"; message: string; rejection?: string }
  /** S3's error code, or the HTTP status where the answer has none. */
  | { code: "storage_refused"; error: string };

/** The present state of one file. What it leaves out is zero, false or none. */
export interface Report {
  id: number;
  state: State;
  sentBytes?: number;
  /** The last attempt failed and the next one is waiting for its time. */
  retrying?: boolean;
  /** Why it is not saved, or not yet. */
  reason?: Reason;
  /** The server's id of a saved one. */
  imageId?: number;
  /** Nothing was sent: the server held these bytes before. */
  alreadyHere?: boolean;
  /** Of a saved file: the server has yet to look at it, or has found it good. */
  check?: "pending" | "passed";
  /** What the server says of a file that it keeps all the same: its codes. */
  warnings?: string[];
  /** The guest does not want a saved file here, and the server could not be made to delete it. */
  notTakenBack?: boolean;
}

/** What a file comes to that the guest does not want sent. */
export const CANCELLED = { state: "skipped", reason: { code: "cancelled" } } as const;

/** `unsteady`: requests fail and are tried again; `full`: because the storage is. */
export type ConnectionState = "steady" | "unsteady" | "full";

/** A picked file and the number that the page gave it. */
export interface Picked {
  id: number;
  file: File;
  sizeBytes: number;
}

/** A saved file, and what was told of it last. */
export interface Arrived extends Picked {
  told: Report;
}

export type ToEngine =
  | { type: "start"; token: string; maxFileBytes: number; lastEvent: number }
  | { type: "add"; files: Picked[] }
  /** What a worker that broke down has saved. */
  | { type: "arrived"; files: Arrived[] }
  | { type: "retry"; ids: number[] }
  /** Not to be sent after all, or to be taken back. */
  | { type: "cancel"; ids: number[] }
  /** Sends nothing, or goes on. */
  | { type: "pause"; paused: boolean }
  /** The device has a network again: whatever waits need wait no longer. */
  | { type: "online" };

export type FromEngine =
  | { type: "ready" }
  | { type: "reports"; reports: Report[] }
  | { type: "connection"; state: ConnectionState }
  | { type: "link_ended" };
