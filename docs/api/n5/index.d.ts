/// <reference lib="esnext.disposable" />
export { N5Params, N5Source, N5Spec, n5 } from './driver.js';
import '@bioimage/core';
