/** Left behind by operating systems in folders of photos; nobody chose to send these. */
const CLUTTER = new Set(["thumbs.db", "desktop.ini", "ehthumbs.db"]);

/** Whether a file in a folder is the system's own: hidden files, and the caches of previews. */
export function isClutter(name: string): boolean {
  return name.startsWith(".") || CLUTTER.has(name.toLowerCase());
}

/** A file and where in the chosen folder it lies; `path` is its name where no folder was chosen. */
export interface Found {
  file: File;
  path: string;
}

/** What could not be read; of a folder at least a part. */
export interface Unread {
  kind: "file" | "folder";
  name: string;
  path: string;
}

export interface Walked {
  found: Found[];
  unread: Unread[];
}

/**
 * The files of a drop, folders included, however deep. Must be called before the drop event returns: the browser forgets
 * the items afterwards.
 */
export function filesOfDrop(transfer: DataTransfer): Promise<Walked> {
  const entries = [...transfer.items]
    .filter(({ kind }) => kind === "file")
    .map((item) => item.webkitGetAsEntry());
  const known = entries.filter((entry) => entry !== null);
  if (known.length > 0) return walk(known);
  const found = [...transfer.files].map((file) => ({ file, path: file.name }));
  return Promise.resolve({ found, unread: [] });
}

/** All files below these entries, in the order of the folders, and all that cannot be read. */
export async function walk(entries: FileSystemEntry[]): Promise<Walked> {
  const walked: Walked = { found: [], unread: [] };
  for (const entry of entries) await visit(entry, walked, "dropped");
  return walked;
}

async function visit(entry: FileSystemEntry, walked: Walked, from: "dropped" | "folder"): Promise<void> {
  if (entry.isFile) {
    if (from === "folder" && isClutter(entry.name)) return;
    const file = await fileOf(entry as FileSystemFileEntry);
    if (file) walked.found.push({ file, path: entry.fullPath });
    else walked.unread.push({ kind: "file", name: entry.name, path: entry.fullPath });
  } else if (entry.isDirectory) {
    const { children, complete } = await childrenOf(entry as FileSystemDirectoryEntry);
    if (!complete) walked.unread.push({ kind: "folder", name: entry.name, path: entry.fullPath });
    for (const child of children) await visit(child, walked, "folder");
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File | undefined> {
  return new Promise((resolve) => entry.file(resolve, () => resolve(undefined)));
}

/** `readEntries` answers in portions (a hundred in Chromium), and says that it has finished with an empty one. */
async function childrenOf(
  directory: FileSystemDirectoryEntry,
): Promise<{ children: FileSystemEntry[]; complete: boolean }> {
  const reader = directory.createReader();
  const children: FileSystemEntry[] = [];
  for (;;) {
    const portion = await new Promise<FileSystemEntry[] | undefined>((resolve) =>
      reader.readEntries(resolve, () => resolve(undefined)),
    );
    if (portion === undefined || portion.length === 0) return { children, complete: portion !== undefined };
    children.push(...portion);
  }
}
