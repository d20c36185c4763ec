import { createHash } from "node:crypto";
import { expect } from "@playwright/test";
import type { Image, Invitation, NewInvitation } from "../../src/shared/api.ts";
import type { HastyServer } from "./server.ts";

/** A photo as the API lists it, its metadata included. */
export type ListedImage = Image & Record<string, unknown>;

let guests = 0;

/** The owner who uses the API, beside the page. */
export class Owner {
  constructor(private readonly server: HastyServer) {}

  get signInLink(): string {
    return `${this.server.url}/admin/#key=${this.server.ownerKey}`;
  }

  async invite(invitation: Partial<NewInvitation> = {}): Promise<Invitation> {
    guests += 1;
    const body = { email: `guest${guests}@example.com`, ...invitation };
    const made = await this.call("/api/invitation/", { method: "POST", body: JSON.stringify(body) });
    return (await (await this.call(made.headers.get("location") ?? "")).json()) as Invitation;
  }

  async revoke({ id }: Invitation): Promise<void> {
    await this.call(`/api/invitation/${id}/`, { method: "DELETE" });
  }

  /** Everything that was recorded, whether its bytes have arrived or not. */
  async images(): Promise<ListedImage[]> {
    return (await (await this.call("/api/images/")).json()) as ListedImage[];
  }

  /** The photos that have arrived, sorted by name. */
  async photos(): Promise<ListedImage[]> {
    const arrived = (await this.images()).filter(({ image_link }) => image_link !== null);
    return arrived.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Waits until the server has looked at everything that has arrived, and answers it sorted by name. */
  async checkedPhotos(): Promise<ListedImage[]> {
    const unchecked = async () => (await this.images()).filter(({ state }) => state === "uploaded").length;
    await expect.poll(unchecked, "photos that the server has yet to look at").toBe(0);
    return this.photos();
  }

  private async call(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${this.server.ownerKey}`, "content-type": "application/json" };
    const response = await fetch(this.server.url + path, { ...init, headers });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response;
  }
}

/** SHA-256 of the bytes that a photo's link answers, in hex. */
export async function sha256OfLink({ name, image_link }: ListedImage): Promise<string> {
  const response = await fetch(image_link ?? "");
  if (!response.ok) throw new Error(`the link of ${name} answers ${response.status}`);
  return sha256Of(Buffer.from(await response.arrayBuffer()));
}

export function sha256Of(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
