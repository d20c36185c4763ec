import { expect, type Locator, type Page } from "@playwright/test";

/** The owner's page, in its owner's words. */
export class OwnerPage {
  readonly link: Locator;
  readonly qrCode: Locator;

  constructor(readonly page: Page) {
    this.link = page.getByLabel("Link for your guests");
    this.qrCode = page.getByRole("img", { name: "QR code of the link" });
  }

  async signIn(signInLink: string): Promise<void> {
    await this.page.goto(signInLink);
    await expect(this.heading("Invitations")).toBeVisible();
  }

  async invite({
    email,
    title,
    message,
    days,
  }: Record<"email" | "title" | "message" | "days", string>): Promise<void> {
    await this.page.getByText("New invitation").click();
    await this.page.getByLabel("E-mail").fill(email);
    await this.page.getByLabel("Title").fill(title);
    await this.page.getByLabel("Message").fill(message);
    await this.page.getByLabel("Days until it ends").fill(days);
    await this.page.getByRole("button", { name: "Make invitation" }).click();
  }

  heading(name: string): Locator {
    return this.page.getByRole("heading", { name, exact: true });
  }

  photo(name: string): Locator {
    return this.page.getByRole("listitem").filter({ has: this.page.getByText(name, { exact: true }) });
  }

  async seesPhoto(name: string): Promise<void> {
    await this.seesPicture(this.page.getByRole("img", { name, exact: true }));
  }

  /** Opens the photo's dialog by its tile. */
  async openPhoto(name: string): Promise<Locator> {
    await this.photo(name).getByRole("button").click();
    return this.page.getByRole("dialog", { name, exact: true });
  }

  async seesQrCode(): Promise<void> {
    await this.seesPicture(this.qrCode);
  }

  async revoke(): Promise<void> {
    await this.page.getByRole("button", { name: "Revoke…" }).click();
    await this.page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  }

  /** It is not only there: the browser has decoded it. */
  async seesPicture(picture: Locator): Promise<void> {
    await picture.scrollIntoViewIfNeeded();
    const width = () => picture.evaluate((image: HTMLImageElement) => image.naturalWidth);
    await expect.poll(width, "width of the picture").toBeGreaterThan(0);
  }
}
