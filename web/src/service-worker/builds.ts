/** The paths of what a build made. */
export interface Build {
  /** All that the guest's page loads, but languages. */
  shell: string[];
  /** What a page may load later: a guest needs one language. */
  others: string[];
}

/** Keeps what this build's page loads, beside what an older one has kept: its pages are still open. */
export async function keepShell(shell: Cache, build: Build): Promise<void> {
  const kept = new Set((await shell.keys()).map(pathOf));
  await shell.addAll(build.shell.filter((file) => !kept.has(file)));
}

/** Once no page of an older build is open, its files go, and the kept pages that load them. */
export async function dropOlder(shell: Cache, pages: Cache, build: Build): Promise<void> {
  const known = new Set([...build.shell, ...build.others]);
  for (const request of await shell.keys()) if (!known.has(pathOf(request))) await shell.delete(request);
  for (const request of await pages.keys()) {
    const page = (await (await pages.match(request))?.text()) ?? "";
    if (assetsOf(page).some((file) => !build.shell.includes(file))) await pages.delete(request);
  }
}

function pathOf({ url }: Request): string {
  return new URL(url).pathname;
}

function assetsOf(page: string): string[] {
  return [...page.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, file]) => file ?? "");
}
