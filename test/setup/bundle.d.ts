/** The types of bundle.js, which plain Node runs as it is. */
export function bundled(entry: URL): Promise<string>;
export function bundle(entry: URL, outfile: string): Promise<void>;
