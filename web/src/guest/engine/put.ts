import type { Policy } from "../../shared/api.ts";
import type { Clock } from "./clock.ts";
import { watch } from "./watch.ts";

/** What storage answered; status 0 stands for no answer: the network failed, or the transfer stalled and was cut. */
export interface PutAnswer {
  status: number;
  body: string;
}

export interface PutParts {
  clock: Clock;
  /** Hears how many bytes have left so far. */
  onSent: (sentBytes: number) => void;
  signal: AbortSignal;
  createRequest?: () => XMLHttpRequest;
}

/** Without a single byte moving for this long, a transfer is cut and tried again. */
const STALL_MS = 25_000;
/** Once every byte has left, storage may need a while to write a large file durably. */
const ANSWER_MS = 60_000;

/** Sends one file to its presigned URL. XMLHttpRequest, because fetch tells nothing of the progress of an upload. */
export function put(policy: Policy, file: Blob, parts: PutParts): Promise<PutAnswer> {
  const { clock, onSent, signal, createRequest = () => new XMLHttpRequest() } = parts;
  const request = createRequest();
  let heardAt = clock.now();
  let allSent = false;
  const unwatch = watch(
    clock,
    () => (allSent ? ANSWER_MS : STALL_MS),
    () => heardAt,
    () => request.abort(),
  );
  const abort = () => request.abort();
  signal.addEventListener("abort", abort);
  return new Promise<PutAnswer>((resolve) => {
    request.upload.onprogress = ({ loaded }) => {
      heardAt = clock.now();
      onSent(loaded);
    };
    request.upload.onload = () => {
      heardAt = clock.now();
      allSent = true;
    };
    request.onloadend = () => resolve({ status: request.status, body: request.responseText });
    request.open(policy.method, policy.url);
    for (const [name, value] of Object.entries(policy.headers)) request.setRequestHeader(name, value);
    request.send(file);
  }).finally(() => {
    unwatch();
    signal.removeEventListener("abort", abort);
  });
}
