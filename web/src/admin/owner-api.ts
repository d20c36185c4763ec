import type { ErrorBody, Image, Invitation, InvitationChange, NewInvitation, Stats } from "../shared/api.ts";

const INVITATIONS = "/api/invitation/";
const INVITATIONS_AT_ONCE = 50;
const IMAGES_AT_ONCE = 60;

/** An answer other than 2xx, in the server's own words; status 0 where no answer came. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** A part of a list, and the path of the next part where there is one. */
export interface Page<Item> {
  items: Item[];
  next?: string | undefined;
}

/** The server as its owner calls it; the session cookie goes along by itself. */
export class OwnerApi {
  /** `signedOut` hears whenever the server does not know the owner any more, whatever was asked. */
  constructor(
    private readonly fetch: typeof globalThis.fetch,
    private readonly signedOut: () => void,
  ) {}

  async signIn(key: string): Promise<void> {
    await this.call("/api/session/", "POST", { key });
  }

  async signOut(): Promise<void> {
    await this.call("/api/session/", "DELETE");
  }

  async invitation(id: string): Promise<Invitation> {
    return json(await this.call(invitationPath(id)));
  }

  /** The new invitation's public id; the same e-mail again prolongs the invitation that it has. */
  async invite(invitation: NewInvitation): Promise<string> {
    const response = await this.call(INVITATIONS, "POST", invitation);
    const id = /\/([^/]+)\/$/.exec(response.headers.get("location") ?? "")?.[1];
    if (id === undefined) throw notOurs(response.status);
    return decodeURIComponent(id);
  }

  async change(id: string, change: InvitationChange): Promise<Invitation> {
    return json(await this.call(invitationPath(id), "PATCH", change));
  }

  async revoke(id: string): Promise<void> {
    await this.call(invitationPath(id), "DELETE");
  }

  async image(id: number): Promise<Image> {
    return json(await this.call(imagePath(id)));
  }

  async deleteImage(id: number): Promise<void> {
    await this.call(imagePath(id), "DELETE");
  }

  /** Of one invitation, or of all. */
  async stats(invitationId?: string): Promise<Stats> {
    return json(await this.call(statsPath(invitationId)));
  }

  /** One page of a list that one of the paths below begins, or that an earlier page names as the next. */
  async page<Item>(path: string): Promise<Page<Item>> {
    const response = await this.call(path);
    return { items: await json(response), next: nextPath(response.headers.get("link")) };
  }

  private async call(path: string, method = "GET", body?: unknown): Promise<Response> {
    const content =
      body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
    const response = await this.fetch(path, { method, ...content }).catch(() => {
      throw new ApiError(0, "unreachable", "The server cannot be reached. Is this device online?");
    });
    if (response.ok) return response;
    const error = (await response.json().catch(() => undefined)) as Partial<ErrorBody> | undefined;
    // The list of photos takes whoever is not the owner for a guest without a link.
    if (response.status === 401 || error?.code === "token_missing") this.signedOut();
    if (typeof error?.message !== "string") throw notOurs(response.status);
    throw new ApiError(response.status, error.code ?? "", error.message);
  }
}

export const invitationsPath = `${INVITATIONS}?limit=${INVITATIONS_AT_ONCE}`;

function imagePath(id: number): string {
  return `/api/images/${id}/`;
}

function statsPath(invitationId?: string): string {
  return `/api/stats/${invitationId === undefined ? "" : `?invitation=${encodeURIComponent(invitationId)}`}`;
}

/** Photos of one invitation, or of all. */
export function imagesPath(invitationId?: string): string {
  const narrowed = invitationId === undefined ? "" : `&invitation=${encodeURIComponent(invitationId)}`;
  return `/api/images/?limit=${IMAGES_AT_ONCE}${narrowed}`;
}

/** A photo, to be saved, that does not tell where it was taken. */
export function copyPath({ id }: Image): string {
  return `/api/images/${id}/download/?location=strip`;
}

export function qrCodePath(id: string): string {
  return `${invitationPath(id)}qr.svg`;
}

/** The target of `rel="next"` (RFC 8288), when it lies on this server. */
export function nextPath(link: string | null): string | undefined {
  const target = /<(\/[^/>][^>]*)>\s*;\s*rel="?next"?/.exec(link ?? "");
  return target?.[1];
}

function invitationPath(id: string): string {
  return `${INVITATIONS}${encodeURIComponent(id)}/`;
}

async function json<Body>(response: Response): Promise<Body> {
  return (await response.json().catch(() => {
    throw notOurs(response.status);
  })) as Body;
}

/** A proxy's page, a login of a Wi-Fi: an answer that this server never gives. */
function notOurs(status: number): ApiError {
  return new ApiError(
    status,
    "unreadable",
    `The answer cannot be read (HTTP ${status}). Try again in a moment.`,
  );
}
