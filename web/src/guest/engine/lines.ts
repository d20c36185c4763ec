import type { Completed, CompleteRequest, Duplicate, PartedPolicy } from "../../shared/api.ts";
import type { Policy, PolicyRequest, RefusedItem } from "../../shared/api.ts";
import { batched } from "./batch.ts";
import type { Clock } from "./clock.ts";
import type { Job } from "./job.ts";
import type { Server } from "./server.ts";

const SIGNED_AT_ONCE = 50;
/** A third of what is ahead: while these are being signed the network lives on the others. */
const ENOUGH_TO_SIGN = 8;
const COMPLETED_AT_ONCE = 100;
/** How long the first finished file waits for others to share its request. */
const COMPLETE_LINGER_MS = 250;
/** The same for signing, as long as the network has enough to do. */
const SIGN_LINGER_MS = 150;

export interface LinesParts {
  clock: Clock;
  server: Pick<Server, "sign" | "complete">;
  /** The network would take another file at once. */
  networkHasRoom: () => boolean;
}

interface Line {
  sign: (file: PolicyRequest) => Promise<Policy | PartedPolicy | Duplicate | RefusedItem>;
  complete: (file: CompleteRequest) => Promise<Completed | RefusedItem>;
}

/** The way of a single file to the server: many share a request. */
export class Lines {
  private readonly together: Line;
  /** One by one, for those at which the server has failed: they hold up each other, and nobody else. */
  private readonly alone: Line;

  constructor({ clock, server, networkHasRoom }: LinesParts) {
    const oneByOne = { most: 1, enough: 1, lingerMs: () => 0, clock };
    this.alone = { sign: batched(server.sign, oneByOne), complete: batched(server.complete, oneByOne) };
    this.together = {
      sign: batched(server.sign, {
        most: SIGNED_AT_ONCE,
        enough: ENOUGH_TO_SIGN,
        lingerMs: () => (networkHasRoom() ? 0 : SIGN_LINGER_MS),
        clock,
      }),
      complete: batched(server.complete, {
        most: COMPLETED_AT_ONCE,
        enough: COMPLETED_AT_ONCE,
        lingerMs: () => COMPLETE_LINGER_MS,
        clock,
      }),
    };
  }

  of({ history }: Job): Line {
    return history.faults > 0 ? this.alone : this.together;
  }
}
