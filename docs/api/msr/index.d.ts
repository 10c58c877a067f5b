/// <reference lib="esnext.disposable" />
export { MsrSource, MsrSpec, msr } from './driver.js';
import '@bioimage/core';
