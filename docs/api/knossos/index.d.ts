/// <reference lib="esnext.disposable" />
export { KnossosSource, KnossosSpec, knossos } from './driver.js';
import '@bioimage/core';
