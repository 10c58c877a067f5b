/** Path of Chromium on this machine; `undefined` when there is none. */
export declare const findChromium: () => string | undefined
