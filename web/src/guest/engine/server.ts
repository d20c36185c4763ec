import {
  type Batch,
  type Completed,
  type CompleteRequest,
  type Duplicate,
  type PartedPolicy,
  type PartRequest,
  type PickRequest,
  type Policy,
  type PolicyRequest,
  type RefusedItem,
  type Remembered,
  type SignedPart,
  type StoredParts,
} from "../../shared/api.ts";
import { type CallParts, insist } from "./call.ts";
import { type Failure, failureOf, isFault, UploadError } from "./failure.ts";
import { remove } from "./removal.ts";

/** The calls of our own server; those for a batch are answered in order. */
export interface Server {
  sign(files: PolicyRequest[]): Promise<(Policy | PartedPolicy | Duplicate | RefusedItem)[]>;
  complete(files: CompleteRequest[]): Promise<(Completed | RefusedItem)[]>;
  remember(files: PickRequest[]): Promise<(Remembered | RefusedItem)[]>;
  forget(picks: number[]): Promise<void>;
  /** False where the photo is still there. */
  takeBack(imageId: number): Promise<boolean>;
  /** In the order asked. */
  signParts(imageId: number, parts: PartRequest[]): Promise<SignedPart[]>;
  /** The numbers of those that need not be sent. */
  storedParts(imageId: number): Promise<number[]>;
}

/** Calls that repeat for as long as the network or the server is at fault, and throw `UploadError` for all else. */
export function serverAt(parts: CallParts): Server {
  return {
    sign: (files) =>
      persist<PolicyRequest, Policy | PartedPolicy | Duplicate>("/api/files/policy/", files, parts),
    complete: (files) => persist<CompleteRequest, Completed>("/api/files/complete/", files, parts),
    // What is refused is refused as a whole: there are too many.
    remember: (files) => callFor<PickRequest, Remembered>("/api/picks/", files, parts),
    forget: async (picks) => void (await remove(`/api/picks/?ids=${picks.join(",")}`, parts)),
    takeBack: (imageId) => remove(`/api/images/${imageId}/`, parts),
    async signParts(imageId, wanted) {
      const body = { file: imageId, parts: wanted };
      const isAnswer = (answer: unknown): answer is { parts: SignedPart[] } =>
        hasList(answer, "parts", wanted.length);
      return (await insist({ path: "/api/files/parts/", body, isAnswer }, parts)).parts;
    },
    async storedParts(imageId) {
      const isAnswer = (answer: unknown): answer is StoredParts => hasList(answer, "stored");
      const { stored } = await insist({ path: `/api/files/${imageId}/parts/`, isAnswer }, parts);
      return stored.map(({ number }) => number);
    },
  };
}

async function callFor<In, Out extends object>(
  path: string,
  files: In[],
  parts: CallParts,
): Promise<(Out | RefusedItem)[]> {
  const isAnswer = (body: unknown): body is Batch<Out> => hasList(body, "files", files.length);
  return (await insist({ path, body: { files }, isAnswer }, parts)).files;
}

async function persist<In, Out extends object>(
  path: string,
  files: In[],
  parts: CallParts,
): Promise<(Out | RefusedItem)[]> {
  try {
    return await callFor<In, Out>(path, files, parts);
  } catch (cause) {
    if (!(cause instanceof UploadError)) throw cause;
    return refuse(path, files, cause.failure, parts);
  }
}

/** A batch that is refused as a whole goes again in halves, so that one bad file harms no other. */
async function refuse<In, Out extends object>(
  path: string,
  files: In[],
  failure: Failure,
  parts: CallParts,
): Promise<(Out | RefusedItem)[]> {
  if (failure.kind === "link_ended" || files.length === 1) throw new UploadError(failure);
  const half = Math.ceil(files.length / 2);
  const answers: (Out | RefusedItem)[] = [];
  for (const some of [files.slice(0, half), files.slice(half)]) {
    answers.push(...(await persist<In, Out>(path, some, parts).catch(asRefusedItem)));
  }
  return answers;
}

function asRefusedItem(cause: unknown): RefusedItem[] {
  const failure = failureOf(cause);
  if (isFault(failure)) return [{ status: 500, code: "internal", message: "" }];
  if (!("reason" in failure) || failure.reason?.code !== "refused") throw cause;
  return [{ status: 400, code: "refused", message: failure.reason.message }];
}

/** Whether a body holds a list of this name, and of this length where one is known. */
function hasList(body: unknown, name: string, length?: number): boolean {
  if (typeof body !== "object" || body === null) return false;
  const list: unknown = (body as Record<string, unknown>)[name];
  return Array.isArray(list) && (length === undefined || list.length === length);
}
