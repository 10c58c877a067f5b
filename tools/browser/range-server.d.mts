/** Starts a server of the files in `folder` on this machine, with ranges and CORS. */
export declare const startRangeServer: (folder: string) => Promise<{ readonly url: string; readonly close: () => Promise<void> }>
