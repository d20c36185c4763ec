import type { Plugin } from "vite";

/** The service worker's chunk; it is served by its own name, from where it may look after the guest's pages. */
export const SERVICE_WORKER = "service-worker";

/**
 * Tells the service worker what the guest's page loads, all but the owner's page, and what it may load later: languages,
 * of which a guest needs one.
 */
export function shell(): Plugin {
  return {
    name: "shell",
    apply: "build",
    generateBundle(_, bundle) {
      const files = Object.values(bundle).filter(
        ({ fileName }) => fileName.startsWith("assets/") && !/^assets\/(admin|closed)-/.test(fileName),
      );
      const isLate = (file: (typeof files)[number]) => file.type === "chunk" && file.isDynamicEntry;
      const listed = (some: typeof files) =>
        JSON.stringify(some.map(({ fileName }) => `/${fileName}`).sort());
      const worker = bundle[`${SERVICE_WORKER}.js`];
      if (worker?.type !== "chunk" || worker.imports.length > 0)
        throw new Error("the service worker is not a script of its own");
      const shell = listed(files.filter((file) => !isLate(file)));
      const others = listed(files.filter(isLate));
      worker.code = `const SHELL_FILES=${shell},OTHER_FILES=${others};${worker.code}`;
    },
  };
}
