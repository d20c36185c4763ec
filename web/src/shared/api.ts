/** The bodies of the HTTP contract as they travel: snake_case keys, ISO 8601 times in UTC, sizes in bytes. */

/** Every error answer, and every refused item of a batch. */
export interface ErrorBody {
  code: string;
  message: string;
  /** Of `quota_files` and `quota_bytes`: how much the invitation takes. */
  limit?: number;
}

/** A refused item of a batch: the status it would have had alone. */
export interface RefusedItem extends ErrorBody {
  status: number;
}

/** What the guest page knows about its invitation (in its HTML, never with the token). */
export interface GuestInvitation {
  title: string | null;
  message: string | null;
  expires_at: string;
  max_file_bytes: number;
  /** The most that the invitation takes; null: no limit. */
  max_files: number | null;
  max_bytes: number | null;
  /** Files that were picked so far, on any device, and how many of them have arrived. */
  picked: number;
  arrived: number;
  /** Photos that are here, and how many of them the server has found good. */
  stored: number;
  verified: number;
  /** The id of the newest event: what happens to photos from now on has higher ones. */
  last_event: number;
  /** Names the Content-Security-Policy that the server answers with. */
  policy: string;
}

/** One file of `POST /api/files/policy/`. `file_id` asks for a new URL for an image that is still pending. */
export interface PolicyRequest {
  filename: string;
  size: number;
  type: string;
  /** 64 hex digits; absent where this browser cannot hash. */
  sha256?: string;
  file_id?: number;
}

/** A presigned PUT. `headers` are those that the client must set itself. */
export interface SignedPut {
  url: string;
  method: "PUT";
  headers: Record<string, string>;
  expires_at: string;
}

interface NamedUpload {
  key: string;
  file_bucket_path: string;
  file_id: number;
  filename: string;
  token: string;
}

/** The presigned PUT for one file. */
export interface Policy extends NamedUpload, SignedPut {}

/** A large file: each part is signed by `POST /api/files/parts/`. */
export interface PartedPolicy extends NamedUpload {
  url: null;
  multipart: PartPlan;
}

/** Every part has `part_size` bytes, the last one what is left. */
export interface PartPlan {
  part_size: number;
  parts: number;
}

/** One part of `POST /api/files/parts/`; they count from 1. */
export interface PartRequest {
  number: number;
  /** Of the part: 64 hex digits. All parts of a file have it, or none has. */
  sha256?: string;
}

export interface SignedPart extends SignedPut {
  number: number;
}

/** `GET /api/files/<id>/parts/`. */
export interface StoredParts extends PartPlan {
  stored: { number: number; size: number; etag: string | null }[];
}

/** The answer for bytes that this invitation already holds, as image `duplicate_of`: there is nothing to send. */
export interface Duplicate {
  duplicate_of: number;
}

/** One file of `POST /api/picks/`. `nth` tells apart those of the same name and size, from 0 on. */
export interface PickRequest {
  name: string;
  size: number;
  nth: number;
}

/** A pick that the server remembers. */
export interface Remembered {
  id: number;
}

/** `GET /api/picks/`. */
export interface Picks {
  picked: number;
  arrived: number;
  /** Photos that are here, picked or not, and how many of them the server has found good. */
  stored: number;
  verified: number;
  /** The first hundred of those that have not arrived. */
  missing: { name: string; size: number }[];
}

/** One file of `POST /api/files/complete/`. */
export interface CompleteRequest {
  file: number;
  /** Which of the guest's picks it is. */
  pick?: number;
  fileSize?: number;
  fileType?: string;
  metadata?: Record<string, unknown>;
}

export interface Completed {
  id: number;
  saved: true;
}

/** The answer to a batch: one entry for each file, in the order asked. */
export interface Batch<Item> {
  files: (Item | RefusedItem)[];
}

/** An invitation as its owner sees it. */
export interface Invitation {
  token: string;
  email: string;
  created_at: string;
  updated_at: string;
  expires_at: string;
  upload_link: string;
  /** The public id: names the invitation in URLs and gives no right. */
  id: string;
  title: string | null;
  message: string | null;
  revoked_at: string | null;
  location: LocationPolicy;
  /** The most that it takes; null: no limit. */
  max_files: number | null;
  max_bytes: number | null;
  image_count: number;
  total_bytes: number;
}

/** What is kept of where photos were taken: all of it, about a kilometre, nothing. */
export type LocationPolicy = "keep" | "coarse" | "strip";

/** The writable part of an invitation. */
export interface InvitationChange {
  title?: string | null;
  message?: string | null;
  expires_at?: string;
  /** 1 to 365, counted from now. */
  expires_in_days?: number;
  location?: LocationPolicy;
  /** 0 lifts the limit. */
  max_files?: number;
  max_bytes?: number;
}

/** `POST /api/invitation/`. */
export interface NewInvitation extends InvitationChange {
  email: string;
}

export type ImageState = "pending" | "uploaded" | "ready" | "rejected" | "deleted";

/** One photo of `GET /api/images/`: the fields that the pages use. */
export interface Image {
  id: number;
  state: ImageState;
  /** The name that the guest's file had. */
  name: string;
  path: string;
  size: number;
  file_type: string;
  timestamp: string;
  updated: string;
  /** Whether the bytes have arrived. */
  uploaded: boolean;
  active: boolean;
  make: string | null;
  model: string | null;
  xDimension: number | null;
  yDimension: number | null;
  orientation: number | null;
  /** A presigned GET for 24 hours, once the photo is uploaded. */
  image_link: string | null;
  sha256: string | null;
  /** The camera's local time, with an offset only where the file states one. */
  taken_at: string | null;
  latitude: number | null;
  longitude: number | null;
  /** A presigned GET of the preview that fits into 320 pixels. */
  thumbnail_link: string | null;
  /** The same for 1600 pixels. */
  preview_link: string | null;
  /** Base64 of a ThumbHash. */
  thumb_hash: string | null;
  rejection: Rejection | null;
  /** What is wrong with a photo that is kept all the same: codes. */
  warnings: string[];
  /** The id of an older photo that looks the same; for the owner only. */
  similar_to?: number | null;
}

/** Why a file is not kept: a code, and a sentence for a person. */
export interface Rejection {
  code: string;
  message: string;
}

/** `GET /api/stats/`: what has arrived and stays. */
export interface Stats {
  total: Count;
  /** A MIME type, as all formats. */
  most_popular_format: string | null;
  /** The most frequent first. */
  formats: ({ format: string } & Count)[];
  /** The ten most frequent. */
  camera_models: { model: string; images: number }[];
  /** The past 30 days, today last; dates in UTC. */
  uploads_per_day: ({ date: string } & Count)[];
}

export interface Count {
  images: number;
  bytes: number;
}

/** Whether an entry of a batch is the refusal of that file. */
export function isRefused<Item extends object>(entry: Item | RefusedItem): entry is RefusedItem {
  return "code" in entry;
}
