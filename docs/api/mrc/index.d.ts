/// <reference lib="esnext.disposable" />
export { MrcSource, MrcSpec, mrc } from './driver.js';
import '@bioimage/core';
