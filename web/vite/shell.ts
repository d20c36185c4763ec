import type { Plugin } from "vite";

/** The service worker's chunk; it is served by its own name, from where it may look after the guest's pages. */
export const SERVICE_WORKER = "service-worker";

/** Tells the service worker what the guest's page loads: all but the owner's page, and languages, of which a guest needs one. */
export function shell(): Plugin {
  return {
    name: "shell",
    apply: "build",
    generateBundle(_, bundle) {
      const files = Object.values(bundle)
        .filter((file) => !(file.type === "chunk" && file.isDynamicEntry))
        .map(({ fileName }) => fileName)
        .filter((name) => name.startsWith("assets/") && !/^assets\/(admin|closed)-/.test(name))
        .map((name) => `/${name}`);
      const worker = bundle[`${SERVICE_WORKER}.js`];
      if (worker?.type !== "chunk" || worker.imports.length > 0)
        throw new Error("the service worker is not a script of its own");
      worker.code = `const SHELL_FILES=${JSON.stringify(files.sort())};${worker.code}`;
    },
  };
}
